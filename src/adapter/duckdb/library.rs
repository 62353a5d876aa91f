//! DuckDB's shared library, loaded when the first database is opened.
//! Promise: a call that opens no database does not pay for its 70 MB.
//! Not here: where the program looks for it (`build.rs` links in the folders).
#![expect(
    unsafe_code,
    reason = "a shared library must be taken at its word: that it has the functions is checked, their types are not"
)]

use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;
use crate::adapter::Result;
use duckdb::ffi;
use libloading::Library;
use std::error::Error;
use std::ffi::c_char;
use std::ffi::c_void;
use std::sync::OnceLock;

/// Loads the library unless that was done. To come before any other call of the `duckdb` crate,
/// whose functions are empty until then.
///
/// # Errors
/// When the library is nowhere, or is none of the version that this program was built for.
pub fn load() -> Result<()> {
    static LOADED: OnceLock<std::result::Result<Library, String>> = OnceLock::new();
    match LOADED.get_or_init(find_and_wire) {
        Ok(_) => Ok(()),
        Err(message) => Err(AdapterError::new(ErrorKind::Config, message.clone())),
    }
}

fn find_and_wire() -> std::result::Result<Library, String> {
    // SAFETY: what the library does while it is loaded is DuckDB's own; it needs nothing of us.
    let library = unsafe { Library::new(NAME) }.map_err(|e| missing(&e))?;
    let functions = functions_of(&library).map_err(|e| unfit(&e))?;
    hand_over(functions).map_err(unfit)?;
    Ok(library)
}

/// As the loader knows it; on macOS only a name that starts with `@rpath` is looked for in the
/// program's own folders.
const NAME: &str = match () {
    () if cfg!(windows) => "duckdb.dll",
    () if cfg!(target_os = "macos") => "@rpath/libduckdb.dylib",
    () => "libduckdb.so",
};

fn missing(e: &libloading::Error) -> String {
    let version = super::VERSION;
    let file = NAME.trim_start_matches("@rpath/");
    let reason = e
        .source()
        .map_or_else(|| e.to_string(), ToString::to_string);
    format!(
        "cannot load DuckDB's library: {reason}\n\
         `{file}` of DuckDB {version} belongs into the folder of the program"
    )
}

fn unfit(e: &str) -> String {
    let version = super::VERSION;
    format!("the library of DuckDB that was found is not of version {version}: {e}")
}

/// Makes the crate call the functions of this table.
fn hand_over(functions: ffi::duckdb_ext_api_v1) -> std::result::Result<(), &'static str> {
    // The crate asks for the table as an extension inside DuckDB would; we are asked with a pointer to it.
    unsafe extern "C" fn answer(
        table: ffi::duckdb_extension_info,
        _version: *const c_char,
    ) -> *const c_void {
        table.cast()
    }
    let access = ffi::duckdb_extension_access {
        set_error: None,
        get_database: None,
        get_api: Some(answer),
    };
    let table: *const ffi::duckdb_ext_api_v1 = &raw const functions;
    let table = table.cast_mut().cast();
    // SAFETY: both pointers outlive the call, which copies what it finds.
    unsafe { ffi::duckdb_rs_extension_api_init(table, &raw const access, super::VERSION) }?;
    Ok(())
}

/// Writes the functions that the crate calls into a table: `None` stands for all others.
macro_rules! table_of {
    ($library:ident: $($name:ident)*) => {{
        // SAFETY: the table consists of optional functions alone, and zero is `None`.
        let mut table: ffi::duckdb_ext_api_v1 = unsafe { std::mem::zeroed() };
        $(
            // SAFETY: the types are those of the header that the version's library was built with.
            let function = unsafe { $library.get(stringify!($name)) };
            table.$name = Some(*function.map_err(|e| e.to_string())?);
        )*
        Ok(table)
    }};
}

#[rustfmt::skip]
fn functions_of(library: &Library) -> std::result::Result<ffi::duckdb_ext_api_v1, String> {
    table_of!(library:
        duckdb_append_blob duckdb_append_bool duckdb_append_data_chunk duckdb_append_date
        duckdb_append_double duckdb_append_float duckdb_append_hugeint duckdb_append_int16
        duckdb_append_int32 duckdb_append_int64 duckdb_append_int8 duckdb_append_interval
        duckdb_append_null duckdb_append_time duckdb_append_timestamp duckdb_append_uhugeint
        duckdb_append_uint16 duckdb_append_uint32 duckdb_append_uint64 duckdb_append_uint8
        duckdb_append_value duckdb_append_varchar_length duckdb_appender_add_column
        duckdb_appender_clear_columns duckdb_appender_create duckdb_appender_create_ext
        duckdb_appender_destroy duckdb_appender_end_row duckdb_appender_error
        duckdb_appender_error_data duckdb_appender_flush duckdb_array_type_array_size
        duckdb_array_type_child_type duckdb_array_vector_get_child duckdb_bind_blob
        duckdb_bind_boolean duckdb_bind_date duckdb_bind_decimal duckdb_bind_double
        duckdb_bind_float duckdb_bind_hugeint duckdb_bind_int16 duckdb_bind_int32
        duckdb_bind_int64 duckdb_bind_int8 duckdb_bind_interval duckdb_bind_null
        duckdb_bind_time duckdb_bind_timestamp duckdb_bind_uhugeint duckdb_bind_uint16
        duckdb_bind_uint32 duckdb_bind_uint64 duckdb_bind_uint8 duckdb_bind_varchar_length
        duckdb_clear_bindings duckdb_close duckdb_column_count duckdb_column_logical_type
        duckdb_column_name duckdb_connect duckdb_create_array_type duckdb_create_config
        duckdb_create_data_chunk duckdb_create_decimal duckdb_create_decimal_type
        duckdb_create_error_data duckdb_create_list_type duckdb_create_logical_type
        duckdb_create_map_type duckdb_create_struct_type duckdb_create_union_type
        duckdb_data_chunk_get_column_count duckdb_data_chunk_get_size
        duckdb_data_chunk_get_vector duckdb_data_chunk_set_size duckdb_data_chunk_to_arrow
        duckdb_decimal_scale duckdb_decimal_width duckdb_destroy_arrow_options
        duckdb_destroy_config duckdb_destroy_data_chunk duckdb_destroy_error_data
        duckdb_destroy_extracted duckdb_destroy_logical_type duckdb_destroy_prepare
        duckdb_destroy_result duckdb_destroy_value duckdb_disconnect
        duckdb_error_data_error_type duckdb_error_data_has_error duckdb_error_data_message
        duckdb_execute_prepared duckdb_execute_prepared_streaming duckdb_extract_statements
        duckdb_extract_statements_error duckdb_fetch_chunk duckdb_free
        duckdb_geometry_type_get_crs duckdb_get_map_key duckdb_get_map_size
        duckdb_get_map_value duckdb_get_profiling_info duckdb_get_type_id duckdb_get_varchar
        duckdb_interrupt duckdb_list_type_child_type duckdb_list_vector_get_child
        duckdb_list_vector_get_size duckdb_list_vector_reserve duckdb_list_vector_set_size
        duckdb_logical_type_get_alias duckdb_logical_type_set_alias duckdb_map_type_key_type
        duckdb_map_type_value_type duckdb_nparams duckdb_open duckdb_open_ext
        duckdb_parameter_name duckdb_prepare duckdb_prepare_error
        duckdb_prepare_extracted_statement duckdb_prepared_statement_column_count
        duckdb_prepared_statement_column_logical_type duckdb_prepared_statement_type
        duckdb_profiling_info_get_child duckdb_profiling_info_get_child_count
        duckdb_profiling_info_get_metrics duckdb_query duckdb_result_error
        duckdb_result_get_arrow_options duckdb_row_count duckdb_rows_changed duckdb_set_config
        duckdb_string_t_data duckdb_string_t_length duckdb_struct_type_child_count
        duckdb_struct_type_child_name duckdb_struct_type_child_type
        duckdb_struct_vector_get_child duckdb_to_arrow_schema duckdb_union_type_member_count
        duckdb_union_type_member_name duckdb_union_type_member_type
        duckdb_validity_row_is_valid duckdb_validity_set_row_invalid
        duckdb_vector_assign_string_element duckdb_vector_assign_string_element_len
        duckdb_vector_ensure_validity_writable duckdb_vector_get_column_type
        duckdb_vector_get_data duckdb_vector_get_validity duckdb_vector_size
    )
}
