-- What PostgreSQL 18 adds: named NOT NULL constraints, unenforced and temporal ones, virtual columns.

CREATE TABLE novelty (
    id integer CONSTRAINT novelty_given NOT NULL,
    valid_at daterange NOT NULL,
    doubled integer GENERATED ALWAYS AS (id * 2) VIRTUAL,
    parent_id integer,
    later integer,
    CONSTRAINT novelty_pk PRIMARY KEY (id, valid_at WITHOUT OVERLAPS),
    CONSTRAINT novelty_hint CHECK (id > 0) NOT ENFORCED
);
ALTER TABLE novelty ADD CONSTRAINT novelty_parent FOREIGN KEY (parent_id) REFERENCES public.country (id) NOT ENFORCED;
ALTER TABLE novelty ADD CONSTRAINT novelty_later NOT NULL later NOT VALID;
ALTER TABLE novelty ADD CONSTRAINT novelty_parent_not_null NOT NULL parent_id NO INHERIT;

-- Both would be called a_b_c_not_null; the second gets a number.
CREATE TABLE a_b (c integer NOT NULL);
CREATE TABLE a (b_c integer NOT NULL);
-- Two constraints of one name, which only an explicit name can give.
CREATE TABLE same_1 (x integer CONSTRAINT same_1_x_not_null NOT NULL);
CREATE TABLE same_0 (x integer CONSTRAINT same_1_x_not_null NOT NULL);
