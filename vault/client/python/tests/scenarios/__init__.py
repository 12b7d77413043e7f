"""The list of scenarios that all SDKs pass, `vault/client/scenarios`, by this one."""
