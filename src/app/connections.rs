//! From the configuration's names of secrets to live connections.

use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Environment, StartError};
use crate::channels::wecom::Credentials;
use crate::channels::wecom::hands::{AppConnection, Connections, WebhookConnection};
use crate::files::{SecretError, SecretRef, folder};
use crate::rules::{CallbackSecrets, ServerConfig};
use crate::web::{Archive, Endpoint, Endpoints, Listener};

/// Everything that the platform knows us by.
#[derive(Debug)]
pub struct Connected {
    pub endpoints: Endpoints,
    pub connections: Connections,
}

/// Fetches all secrets; tells every one that is missing or unusable.
pub fn connect(
    server: &ServerConfig,
    environment: Environment,
    config: &Path,
) -> Result<Connected, StartError> {
    let mut vault = Vault { environment, base: config, missing: Vec::new(), unusable: Vec::new() };
    let connected = Connected { endpoints: vault.endpoints(server), connections: vault.connections(server) };
    if !vault.missing.is_empty() {
        return Err(StartError::Secrets(vault.missing));
    }
    if !vault.unusable.is_empty() {
        return Err(StartError::Credentials(vault.unusable));
    }
    Ok(connected)
}

/// Where secrets come from, and what was wrong with them so far.
struct Vault<'a> {
    environment: Environment,
    base: &'a Path,
    missing: Vec<SecretError>,
    unusable: Vec<String>,
}

impl Vault<'_> {
    fn endpoints(&mut self, server: &ServerConfig) -> Endpoints {
        let mut endpoints = Endpoints::default();
        // A robot belongs to no corp that it could name; its events are the first app's corp's.
        let corp: Arc<str> = server.apps.first().map(|app| app.corp_id.as_str()).unwrap_or_default().into();
        for app in &server.apps {
            let corp_id: Arc<str> = app.corp_id.as_str().into();
            self.endpoint(&mut endpoints, &app.id, Listener::App, corp_id, &app.callback, &app.corp_id);
        }
        for robot in &server.robots {
            let receive_id = &robot.receive_id;
            self.endpoint(
                &mut endpoints,
                &robot.id,
                Listener::GroupRobot,
                corp.clone(),
                &robot.callback,
                receive_id,
            );
        }
        for bot in &server.aibots {
            self.endpoint(&mut endpoints, &bot.id, Listener::Aibot, corp.clone(), &bot.callback, "");
        }
        for archive in &server.archives {
            if let Some(key) = self.fetch(&archive.hmac_key) {
                endpoints.add_archive(Archive::new(archive.corp_id.as_str().into(), key));
            }
        }
        endpoints
    }

    fn endpoint(
        &mut self,
        endpoints: &mut Endpoints,
        id: &Arc<str>,
        listener: Listener,
        corp_id: Arc<str>,
        secrets: &CallbackSecrets,
        receive_id: &str,
    ) {
        let tokens: Vec<SecretString> = secrets.token.iter().filter_map(|token| self.fetch(token)).collect();
        let keys: Vec<SecretString> =
            secrets.encoding_aes_key.iter().filter_map(|key| self.fetch(key)).collect();
        if tokens.len() < secrets.token.len() || keys.len() < secrets.encoding_aes_key.len() {
            return;
        }
        match Credentials::new(tokens, &keys, receive_id) {
            Ok(credentials) => endpoints.add(Endpoint { id: id.clone(), listener, corp_id, credentials }),
            Err(error) => self.unusable.push(format!("{id}：token 或 encoding_aes_key 不可用 / {error}")),
        }
    }

    fn connections(&mut self, server: &ServerConfig) -> Connections {
        let mut connections =
            Connections { api_base: server.api.clone(), apps: Vec::new(), webhooks: Vec::new() };
        for app in &server.apps {
            if let Some(secret) = self.fetch(&app.secret) {
                connections.apps.push(AppConnection {
                    id: app.id.clone(),
                    corp_id: app.corp_id.as_str().into(),
                    agent_id: app.agent_id.unsigned_abs(),
                    secret,
                });
            }
        }
        for webhook in &server.webhooks {
            if let Some(key) = self.fetch(&webhook.key) {
                connections.webhooks.push(WebhookConnection { id: webhook.id.clone(), key });
            }
        }
        connections
    }

    fn fetch(&mut self, secret: &SecretRef) -> Option<SecretString> {
        match folder::resolve(secret, self.environment, self.base) {
            Ok(value) => Some(value),
            Err(error) => {
                self.missing.push(error);
                None
            }
        }
    }
}
