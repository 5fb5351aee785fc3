"""Answers as ReelBot's help pages show them."""

from __future__ import annotations

QUEUED = {
    "status": "queued",
    "message": "Video is queued for processing",
    "createdAt": "2025-01-21T16:30:00.000Z",
}
DONE = {
    "status": "completed",
    "message": "Video generation completed successfully",
    "createdAt": "2025-01-21T16:30:00.000Z",
    "updatedAt": "2025-01-21T16:33:22.000Z",
    "outputKey": "users/abc123/output/video-xyz789.mp4",
}
FAILED = QUEUED | {
    "status": "failed",
    "error": "Failed to process B-roll asset: file not found",
}
FILE = {
    "success": True,
    "downloadUrl": "https://bucket.s3.amazonaws.com/v.mp4?X-Amz-Signature=abc",
    "expiresAt": "2025-01-21T17:33:22.000Z",
}
