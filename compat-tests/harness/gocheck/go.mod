module kbroker.test/compat/gocheck

go 1.25
