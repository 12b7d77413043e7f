//! Several nodes over one database: together, restarted, killed, and while the database fails. Most tests start a server
//! of their own, for they do harm to it.

mod death;
mod disk;
mod doubt;
mod faults;
mod locks;
mod restart;
mod together;
