//! Repositories that packages are in, and where `git` finds them.

use crate::project::packages::spec::Origin;

/// Whose server a private repository is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    Github,
    Gitlab,
    AzureDevops,
}

/// A repository as `git` is to fetch it.
#[derive(Debug)]
pub(super) struct Repository<'a> {
    /// As the user wrote it.
    pub(super) shown: &'a str,
    /// Where it may be, tried in this order.
    pub(super) addresses: Vec<String>,
    pub(super) revision: Option<&'a str>,
    pub(super) subdirectory: Option<&'a str>,
}

impl Origin {
    /// `None` for a package that is in no repository.
    pub(super) fn repository(&self) -> Option<Repository<'_>> {
        let (addresses, (shown, revision, subdirectory)) = match self {
            Origin::Git {
                address,
                revision,
                subdirectory,
            } => (vec![address.clone()], (address, revision, subdirectory)),
            Origin::Private {
                address,
                provider,
                revision,
                subdirectory,
            } => (
                provider.addresses(address),
                (address, revision, subdirectory),
            ),
            _ => return None,
        };
        Some(Repository {
            shown,
            addresses,
            revision: revision.as_deref(),
            subdirectory: subdirectory.as_deref(),
        })
    }
}

impl Provider {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "github" => Some(Provider::Github),
            "gitlab" => Some(Provider::Gitlab),
            "ado" | "azure_devops" | "azure_active_directory" => Some(Provider::AzureDevops),
            _ => None,
        }
    }

    /// By HTTPS, where a credential helper may know a token, then by SSH with the user's key.
    fn addresses(self, repository: &str) -> Vec<String> {
        let hosted = |host: &str| {
            vec![
                format!("https://{host}/{repository}.git"),
                format!("git@{host}:{repository}.git"),
            ]
        };
        match self {
            Provider::Github => hosted("github.com"),
            Provider::Gitlab => hosted("gitlab.com"),
            Provider::AzureDevops => {
                let (project, name) = repository.rsplit_once('/').unwrap_or(("", repository));
                vec![
                    format!("https://dev.azure.com/{project}/_git/{name}"),
                    format!("git@ssh.dev.azure.com:v3/{repository}"),
                ]
            }
        }
    }
}
