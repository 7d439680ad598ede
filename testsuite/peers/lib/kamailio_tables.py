"""The tables of a Kamailio 5.6 database, as far as the server uses them. Written from what is known of them; not a copy of its scripts."""
NAME = "VARCHAR(64) DEFAULT '' NOT NULL"
ID = "id INT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL"
MODIFIED = "last_modified DATETIME DEFAULT '2000-01-01 00:00:01' NOT NULL"
TABLES = f"""
CREATE TABLE version ({ID}, table_name VARCHAR(32) NOT NULL, table_version INT UNSIGNED DEFAULT 0 NOT NULL, UNIQUE (table_name));
INSERT INTO version (table_name, table_version) VALUES ('location', 9), ('subscriber', 7), ('grp', 2), ('uri', 1), ('domain', 2), ('address', 6);
CREATE TABLE subscriber ({ID}, username {NAME}, domain {NAME}, password {NAME}, ha1 VARCHAR(128) DEFAULT '' NOT NULL, ha1b VARCHAR(128) DEFAULT '' NOT NULL,
  email_address VARCHAR(128), rpid VARCHAR(128), UNIQUE (username, domain), KEY (username));
CREATE TABLE grp ({ID}, username {NAME}, domain {NAME}, grp {NAME}, {MODIFIED}, UNIQUE (username, domain, grp));
CREATE TABLE uri ({ID}, username {NAME}, domain {NAME}, uri_user {NAME}, {MODIFIED}, UNIQUE (username, domain, uri_user));
CREATE TABLE domain ({ID}, domain VARCHAR(64) NOT NULL, did VARCHAR(64) DEFAULT NULL, {MODIFIED}, UNIQUE (domain));
CREATE TABLE address ({ID}, grp INT(11) UNSIGNED DEFAULT 1 NOT NULL, ip_addr VARCHAR(50) NOT NULL, mask INT DEFAULT 32 NOT NULL,
  port SMALLINT(5) UNSIGNED DEFAULT 0 NOT NULL, tag VARCHAR(64));
CREATE TABLE location ({ID}, ruid {NAME}, username {NAME}, domain VARCHAR(64) DEFAULT NULL, contact VARCHAR(512) DEFAULT '' NOT NULL,
  received VARCHAR(128) DEFAULT NULL, path VARCHAR(512) DEFAULT NULL, expires DATETIME DEFAULT '2030-05-28 21:32:15' NOT NULL,
  q FLOAT(10,2) DEFAULT 1.0 NOT NULL, callid VARCHAR(255) DEFAULT 'Default-Call-ID' NOT NULL, cseq INT(11) DEFAULT 1 NOT NULL,
  last_modified DATETIME DEFAULT '2000-01-01 00:00:01' NOT NULL, flags INT(11) DEFAULT 0 NOT NULL, cflags INT(11) DEFAULT 0 NOT NULL,
  user_agent VARCHAR(255) DEFAULT '' NOT NULL, socket VARCHAR(64) DEFAULT NULL, methods INT(11) DEFAULT NULL, instance VARCHAR(255) DEFAULT NULL,
  reg_id INT(11) DEFAULT 0 NOT NULL, server_id INT(11) DEFAULT 0 NOT NULL, connection_id INT(11) DEFAULT 0 NOT NULL,
  keepalive INT(11) DEFAULT 0 NOT NULL, `partition` INT(11) DEFAULT 0 NOT NULL, UNIQUE (ruid),
  KEY (username, domain, contact), KEY (expires), KEY (connection_id), KEY (server_id, connection_id));
"""
