//! Flags that are set by something else than a command line, in the same way and with the same
//! limits.

use super::{ExporterArgs, List, UsageError};
use clap::{
    Args as _, Command, FromArgMatches as _,
    builder::Resettable,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::error::Error as _;

/// What a flag is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// What would be typed behind it.
    Text(String),
    /// All items of a list, which may have commas.
    Items(Vec<String>),
}

impl Default for ExporterArgs {
    /// What an empty command line means.
    fn default() -> Self {
        let nothing = Self::augment_args(command()).get_matches_from([""; 0]);
        Self::from_arg_matches(&nothing).expect("no flag is required")
    }
}

impl ExporterArgs {
    /// Sets a flag, named without its dashes, in place of what was typed. What is wrong is said without
    /// the flag's name.
    pub fn set(&mut self, flag: &str, setting: &Setting) -> Result<(), String> {
        let values = match setting {
            Setting::Text(text) => std::slice::from_ref(text),
            // A list without items has to be typed, too, or it would be left as it was.
            Setting::Items(items) if items.is_empty() => &[String::new()],
            Setting::Items(items) => items,
        };
        let typed = values.iter().map(|value| format!("--{flag}={value}"));
        let whole = matches!(setting, Setting::Items(_));
        // What isn't there is left as it is, so that nothing may have a default.
        let command = Self::augment_args_for_update(command()).mut_args(|argument| {
            let argument = argument.default_value(Resettable::Reset);
            if whole && argument.get_long() == Some(flag) {
                argument.value_parser(|item: &str| Ok::<_, std::convert::Infallible>(List::item(item)))
            } else {
                argument
            }
        });
        command
            .try_get_matches_from(typed)
            .and_then(|matches| self.update_from_arg_matches(&matches))
            .map_err(reason)
    }
}

fn command() -> Command {
    Command::new("kstate").no_binary_name(true)
}

/// What is wrong with a value.
fn reason(error: clap::Error) -> String {
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => value.as_str(),
        _ => "",
    };
    match (error.kind(), error.get(ContextKind::ValidValue), error.source()) {
        (ErrorKind::InvalidValue, Some(ContextValue::Strings(known)), _) => {
            format!("\"{value}\" is none of {}", known.join(", "))
        }
        (ErrorKind::ValueValidation, _, Some(reason)) => format!("\"{value}\" doesn't do: {reason}"),
        _ => UsageError::from(error).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(args: &mut ExporterArgs, flag: &str, text: &str) -> Result<(), String> {
        args.set(flag, &Setting::Text(text.to_owned()))
    }

    #[test]
    fn one_flag_is_set_and_the_others_stay() {
        let mut args = ExporterArgs::default();
        for (flag, text) in [("port", "1234"), ("host", "127.0.0.1"), ("node", "n1"), ("auth-filter", "true")]
        {
            set(&mut args, flag, text).unwrap();
        }
        set(&mut args, "metric-labels-allowlist", "pods=[a]").unwrap();
        let items = Setting::Items(vec!["a{1,2}".to_owned(), "b".to_owned()]);
        args.set("metric-allowlist", &items).unwrap();
        assert_eq!((args.serving.port, args.serving.telemetry_port), (1234, 8081));
        assert_eq!(args.serving.host, "127.0.0.1".parse().unwrap());
        assert_eq!(args.selection.node.as_deref(), Some("n1"));
        assert!(args.access.auth_filter.0 && args.serving.enable_gzip_encoding.0);
        assert_eq!(args.selection.metric_labels_allowlist, "pods=[a]");
        assert_eq!(List::all(&args.selection.metric_allowlist).collect::<Vec<_>>(), ["a{1,2}", "b"]);
        args.set("metric-allowlist", &Setting::Items(Vec::new())).unwrap();
        assert_eq!(List::all(&args.selection.metric_allowlist).count(), 0);
    }

    #[test]
    fn what_a_command_line_may_not_say_is_refused() {
        let mut args = ExporterArgs::default();
        for (flag, text, said) in [
            ("port", "65536", "\"65536\" doesn't do: a whole number from 0 to 65535 is needed"),
            ("profile", "fat", "\"fat\" is none of full, lean, mixin"),
            (
                "server-read-timeout",
                "5",
                "\"5\" doesn't do: a duration is needed, such as 30s, 1m30s or 500ms",
            ),
            ("max-concurrent-scrapes", "0", "\"0\" doesn't do: a whole number from 1 to 65535 is needed"),
        ] {
            assert_eq!(set(&mut args, flag, text).unwrap_err(), said);
        }
    }
}
