//! The sum in a lock file that tells whether `packages.yml` has changed since.
//! It is the one dbt writes, so that both read each other's lock files.

use crate::project::packages::spec::Origin;
use crate::project::packages::spec::Spec;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// SHA-1 in hex over the entries of a packages file, whatever their order.
pub(super) fn of_specs(specs: &[Spec]) -> String {
    let mut lines: Vec<String> = specs
        .iter()
        .map(|spec| python_json(&record(spec)))
        .collect();
    lines.sort();
    sha1(lines.join("\n").as_bytes())
}

/// All keys that entries of this kind may have, and the entry as it was written.
fn record(spec: &Spec) -> Value {
    let mut record: Map<String, Value> = match &spec.origin {
        Origin::Git { .. } | Origin::Private { .. } => [
            ("revision", Value::Null),
            ("subdirectory", Value::Null),
            ("warn-unpinned", Value::Null),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect(),
        Origin::Hub { .. } => Map::from_iter([("install_prerelease".to_string(), json!(false))]),
        Origin::Local { .. } | Origin::Tarball { .. } => Map::new(),
    };
    for (key, value) in &spec.rendered {
        let key = match key.as_str() {
            "install-prerelease" => "install_prerelease",
            "warn_unpinned" => "warn-unpinned",
            other => other,
        };
        record.insert(key.to_string(), value.clone());
    }
    record.insert("unrendered".to_string(), spec.unrendered.clone().into());
    Value::Object(record)
}

/// JSON as Python writes it with sorted keys: blanks after `,` and `:`, other letters escaped.
fn python_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let entries: Vec<String> = keys
                .iter()
                .map(|key| format!("{}: {}", python_text(key), python_json(&map[*key])))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python_json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => python_text(text),
        other => other.to_string(),
    }
}

fn python_text(text: &str) -> String {
    let mut escaped = String::new();
    for letter in Value::String(text.to_string()).to_string().chars() {
        if letter.is_ascii() && letter != '\u{7f}' {
            escaped.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

/// SHA-1 in hex.
pub(super) fn sha1(bytes: &[u8]) -> String {
    let mut state: [u32; 5] = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((8 * bytes.len() as u64).to_be_bytes());
    for block in padded.chunks_exact(64) {
        add_block(&mut state, block);
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

fn add_block(state: &mut [u32; 5], block: &[u8]) {
    let mut words = [0_u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    for at in 16..80 {
        let mixed = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16];
        words[at] = mixed.rotate_left(1);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for (at, word) in words.iter().enumerate() {
        let (mix, constant) = match at {
            0..20 => ((b & c) | (!b & d), 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6_u32),
        };
        let next = a
            .rotate_left(5)
            .wrapping_add(mix)
            .wrapping_add(e)
            .wrapping_add(constant)
            .wrapping_add(*word);
        (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
    }
    for (slot, value) in state.iter_mut().zip([a, b, c, d, e]) {
        *slot = slot.wrapping_add(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standard() {
        assert_eq!(sha1(b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(sha1(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            sha1(&[b'a'; 200]),
            "e61cfffe0d9195a525fc6cf06ca2d77119c24a40"
        );
    }

    #[test]
    fn json_is_written_as_in_python() {
        let value = json!({"b": [1, null, true], "a": "é\u{1F600}\"\n"});
        let expected = r#"{"a": "\u00e9\ud83d\ude00\"\n", "b": [1, null, true]}"#;
        assert_eq!(python_json(&value), expected);
    }
}
