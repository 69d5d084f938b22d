//! The whole main road over real HTTP: the simulated platform posts encrypted callbacks to the
//! running bot and is called back. Each test ends with "nothing else was sent".

mod campaigns;
mod cascades;
mod contacts;
mod customers;
mod dealers;
mod edge;
mod faults;
mod files;
mod git;
mod join_codes;
mod mass_send;
mod moments;
mod org;
mod parts;
mod playbooks;
mod replay;
mod restart;
mod schedules;
mod staff;
mod welcome;
mod welcome_library;
