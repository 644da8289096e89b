# 两条命令：make run 启动，make test 测试。其余见 make help。
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help run test check lock clean

help: ## 列出这些命令
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: ## 装好环境并启动安训（ARGS= 交给 anxun up）
	@$(PYTHON) scripts/bootstrap.py --for run
	@exec .venv/bin/anxun up $(ARGS)

test: ## 装好环境并跑全部测试（ARGS= 交给 pytest）
	@$(PYTHON) scripts/bootstrap.py --for test
	@.venv/bin/python -m pytest $(ARGS)

check: ## 检查写法、格式和类型
	@$(PYTHON) scripts/bootstrap.py --for test
	@.venv/bin/python -m ruff check
	@.venv/bin/python -m ruff format --check
	@.venv/bin/python -m mypy

lock: ## 按 requirements/*.in 重新锁定版本
	@$(PYTHON) scripts/lock.py

clean: ## 删掉环境和各种缓存；var/ 里的数据不动
	@rm -rf .venv .venv-rasa .uv .rasa .pytest_cache .ruff_cache .mypy_cache .hypothesis var/cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
