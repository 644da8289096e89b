"""Where Rasa calls our actions: one route of the app, closed to everyone without the engine's token."""

from __future__ import annotations

import hmac
from typing import Any

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import (
    ActionExecutionRejection,
    ActionMissingDomainException,
    ActionNotFoundException,
)

log = structlog.get_logger()


def build_actions_endpoint(executor: ActionExecutor, token: str) -> APIRouter:
    """POST /internal/actions, as rasa-sdk's own server answers it."""
    router = APIRouter(include_in_schema=False)

    @router.post("/internal/actions")
    async def act(request: Request, token_given: str = "") -> Any:
        given = request.query_params.get("token", token_given)
        if token and not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(403)
        call = await request.json()
        try:
            return await executor.run(call)
        except ActionExecutionRejection as error:
            return _failure(400, error, error.action_name)
        except ActionNotFoundException as error:
            return _failure(404, error, error.action_name)
        except ActionMissingDomainException as error:
            return _failure(449, error, error.action_name)
        except Exception as error:
            log.exception("action.failed", action=call.get("next_action"))
            return _failure(500, error, str(call.get("next_action")))

    return router


def _failure(status: int, error: Exception, action: str) -> JSONResponse:
    return JSONResponse({"error": type(error).__name__, "action_name": action}, status)
