//! Accounts and sessions: what states they have. Pure lists of terms; who may do what is in [`crate::access`].

use crate::terms;

/// Longest name that an identity provider gives a person (OpenID Connect Core, section 2), in bytes.
pub const SUBJECT_BYTES_MAX: usize = 255;

terms! {
    /// Whether an account may sign in.
    AccountState {
        /// It may.
        Active = "active",
        /// It may not, and none of its sessions holds.
        Disabled = "disabled",
    }
}

terms! {
    /// What uses a session.
    SessionKind {
        /// A person at the console: ends when nobody works in it.
        Console = "console",
        /// A machine, such as a laboratory's system: bound to one duty, with an end.
        Api = "api",
    }
}

terms! {
    /// How far somebody has come in signing in.
    Standing {
        /// The password was right, and there is no second factor yet: the session can enrol one and nothing else.
        Enrol = "enrol",
        /// The identity provider said who it is and vouches for no second factor: the session can give a code and nothing
        /// else.
        Code = "code",
        /// Somebody else made the password: the session can set another one and nothing else.
        Password = "password",
        /// All that was asked was given.
        Full = "full",
    }
}

terms! {
    /// Why a session ended before its time.
    SessionEnd {
        /// Its owner left.
        SignedOut = "signed_out",
        /// A fresh token took its place.
        Rotated = "rotated",
        /// The account was disabled, reset, or given another password.
        AccountChanged = "account_changed",
        /// The duty it worked in was revoked.
        DutyRevoked = "duty_revoked",
        /// An administrator ended it.
        Ended = "ended",
    }
}
