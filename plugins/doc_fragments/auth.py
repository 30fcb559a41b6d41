# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that say which cluster is meant and who asks."""

from __future__ import annotations


class ModuleDocFragment:
    """Read by ansible-doc."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig file, or a mapping with the content of one.
      - Several paths may be joined with a colon, as in the E(KUBECONFIG) environment variable.
      - Without this option, and without O(host) alone, the files in E(KUBECONFIG) are used, else
        the service account of the pod that runs the task, else C(~/.kube/config).
      - If the option is not set, the value of E(K8S_AUTH_KUBECONFIG) is used.
    type: raw
  context:
    description:
      - Name of the context of the kubeconfig to use.
      - If the option is not set, the value of E(K8S_AUTH_CONTEXT) is used.
    type: str
  host:
    description:
      - URL of the API server.
      - If the option is not set, the value of E(K8S_AUTH_HOST) is used.
    type: str
  api_key:
    description:
      - Bearer token.
      - If the option is not set, the value of E(K8S_AUTH_API_KEY) is used.
    type: str
  username:
    description:
      - User name for API servers or proxies that take HTTP basic authentication.
      - If the option is not set, the value of E(K8S_AUTH_USERNAME) is used.
    type: str
  password:
    description:
      - Password that belongs to O(username).
      - If the option is not set, the value of E(K8S_AUTH_PASSWORD) is used.
    type: str
  client_cert:
    description:
      - Path of a client certificate (PEM).
      - If the option is not set, the value of E(K8S_AUTH_CERT_FILE) is used.
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the key that belongs to O(client_cert) (PEM).
      - If the option is not set, the value of E(K8S_AUTH_KEY_FILE) is used.
    type: path
    aliases: [key_file]
  ca_cert:
    description:
      - Path of the CA certificates that the certificate of the API server is verified against
        (PEM).
      - If the option is not set, the value of E(K8S_AUTH_SSL_CA_CERT) is used.
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether the certificate of the API server is verified. Without this option the kubeconfig
        decides.
      - If the option is not set, the value of E(K8S_AUTH_VERIFY_SSL) is used.
    type: bool
    aliases: [verify_ssl]
  tls_server_name:
    description:
      - Name that the certificate of the API server has to carry, if it is not that of its address.
      - If the option is not set, the value of E(K8S_AUTH_TLS_SERVER_NAME) is used.
    type: str
  proxy:
    description:
      - URL of an HTTP proxy in front of the API server.
      - If the option is not set, the value of E(K8S_AUTH_PROXY) is used.
    type: str
  no_proxy:
    description:
      - Hosts, domains and networks that are reached without O(proxy), separated by commas.
      - If the option is not set, the value of E(K8S_AUTH_NO_PROXY) is used.
    type: str
  proxy_headers:
    description:
      - Headers that O(proxy) asks for.
    type: dict
    suboptions:
      proxy_basic_auth:
        description:
          - User name and password for the proxy, separated by a colon.
          - If the option is not set, the value of E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH) is
            used.
        type: str
      basic_auth:
        description:
          - User name and password of an C(Authorization) header, separated by a colon.
          - If the option is not set, the value of E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH) is used.
        type: str
      user_agent:
        description:
          - Value of the C(User-Agent) header.
          - If the option is not set, the value of E(K8S_AUTH_PROXY_HEADERS_USER_AGENT) is used.
        type: str
  persist_config:
    description:
      - Whether refreshed tokens are written back to the kubeconfig file.
      - If the option is not set, the value of E(K8S_AUTH_PERSIST_CONFIG) is used.
    type: bool
  impersonate_user:
    description:
      - User to act as.
      - If the option is not set, the value of E(K8S_AUTH_IMPERSONATE_USER) is used.
    type: str
  impersonate_groups:
    description:
      - Groups to act as a member of.
      - If the option is not set, the value of E(K8S_AUTH_IMPERSONATE_GROUPS) is used, with commas
        between the groups.
    type: list
    elements: str
requirements:
  - python >= 3.10
  - kubernetes >= 28.1.0
notes:
  - The module runs where the play connects to, usually C(localhost); files are read there.
  - Credential plugins of a kubeconfig (C(exec)) are run on that host and asked again when the API
    server refuses a token.
"""
