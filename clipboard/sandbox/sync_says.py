"""How sync.so's API puts a refusal, and the catalogue of its codes (GET /v2/errors)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from clipboard.sandbox.vendor import Reply

WAIT = "Wait a little, then try again."
INPUT = "Check the input media and its address, then order it again."
PLAN = "Change the plan, or use less of it."
ACCOUNT = "Settle the account's billing, then try again."
REQUEST = "Correct the request."
VOICE = "Choose another voice or sample."
ADVICE: dict[str, str] = {
    WAIT: "generation_pipeline_failed generation_unknown_error generation_infra_storage_error"
    " generation_infra_resource_exhausted generation_infra_service_unavailable"
    " generation_media_probe_timeout generation_media_probe_unavailable generation_conflict"
    " generation_not_deletable_while_processing elevenlabs_service_unavailable"
    " concurrency_limit_reached rate_limit_exceeded controller_timeout controller_unavailable"
    " controller_dependency_error internal_error usage_dependency_unavailable voice_clone_busy",
    INPUT: "generation_input_validation_failed generation_input_video_inaccessible"
    " generation_input_audio_inaccessible generation_input_image_inaccessible"
    " generation_input_video_invalid generation_input_audio_invalid"
    " generation_input_segments_invalid generation_input_trim_invalid"
    " generation_input_face_selection_invalid generation_input_resolution_unsupported"
    " generation_input_duration_greater_than_max_duration generation_input_asset_type_mismatch"
    " generation_input_too_many_visual generation_input_dub_audio_conflict"
    " uploaded_file_not_found file_not_in_org_storage",
    PLAN: "generation_plan_duration_exceeded generation_model_duration_exceeded"
    " dubbing_duration_exceeded free_tier_generations_exhausted plan_feature_unavailable"
    " file_size_exceeds_plan_limit voice_clone_limit_reached elevenlabs_quota_exceeded",
    ACCOUNT: "account_payment_required account_on_hold",
    REQUEST: "generation_unsupported_model generation_not_found invalid_generation_id"
    " unsupported_generation_id_format project_not_found asset_not_found asset_forbidden"
    " invalid_asset_id_format elevenlabs_api_key_invalid",
    VOICE: "voice_not_found voice_sample_not_accessible voice_sample_type_unsupported"
    " voice_sample_upload_required voice_sample_extraction_failed voice_sample_source_too_large"
    " voice_sample_too_short voice_sample_invalid voice_name_conflict",
}


def refused(status: int, message: str | list[str], code: str = "", **more: Any) -> Reply:
    body = {"message": message, "error": HTTPStatus(status).phrase, "statusCode": status}
    return Reply(status, body | ({"errorCode": code} if code else {}) | more)


def words(code: str) -> str:
    """
    >>> words("generation_input_video_inaccessible")
    'Input video inaccessible.'
    """
    return code.removeprefix("generation_").replace("_", " ").capitalize() + "."


def catalogue() -> list[dict[str, str]]:
    return [
        {"code": code, "message": words(code), "suggestion": suggestion}
        for suggestion, codes in ADVICE.items()
        for code in codes.split()
    ]
