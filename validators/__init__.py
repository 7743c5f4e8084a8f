"""Facts and an application to findings and a decision.

Pure functions: no clock, no disk, no network. The rules are those of the guide (Kılavuz) on the
registration of medical-device technical services.
"""
