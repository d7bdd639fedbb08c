namespace Broadcast.Ledger;

/// <summary>The disk is full: nothing of the act was kept. Ordinary acts are refused first; it passes when there is room.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>
/// The database could not be reached or broke off. Nothing was acknowledged; whether the act was kept is not known, so the caller repeats it:
/// every act is idempotent or compares and sets.
/// </summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The database was written by a newer version, or is no ledger.</summary>
public sealed class LedgerSchemaException(string message) : InvalidOperationException(message);
