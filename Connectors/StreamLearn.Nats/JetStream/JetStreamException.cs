namespace StreamLearn.Nats;

/// <summary>JetStream refused a request.</summary>
/// <param name="message">What was asked, and the server's answer.</param>
/// <param name="status">400 to 599, as of HTTP: 404, what was asked for is not there; 503, not now.</param>
/// <param name="errorCode">The server's own number for the error; 0: it gave none.</param>
/// <param name="description">The server's words.</param>
public sealed class JetStreamException(string message, int status, int errorCode, string description) : Exception(message)
{
    internal const int NotNow = 503;
    internal const int WrongLastSequence = 10071, NoSuchSubjects = 10093, NoStorage = 10047;
    private const int NoPeers = 10005, NameInUse = 10058, Overlap = 10065, NoResources = 10023, NotStored = 10077;

    /// <summary>400 to 599, as of HTTP: 404, what was asked for is not there; 503, not now.</summary>
    public int Status { get; } = status;

    /// <summary>The server's own number for the error; 0: it gave none.</summary>
    public int ErrorCode { get; } = errorCode;

    /// <summary>The server's words.</summary>
    public string Description { get; } = description;

    /// <summary>True if the same request may succeed later.</summary>
    public bool IsTransient => Status == NotNow || ErrorCode == NoPeers;

    /// <summary>True if a stream could not be made because there is one, or soon will be.</summary>
    internal static bool IsMadeByOthers(JetStreamException refusal) => refusal.ErrorCode is NameInUse or Overlap;

    /// <summary>True if there is no space: in the stream, or for all streams of the server.</summary>
    internal static bool IsFull(ApiError error) => error.ErrCode == NoResources
        || (error.ErrCode == NotStored && error.Description?.StartsWith("maximum ", StringComparison.Ordinal) == true);

    internal static JetStreamException Of(string asked, ApiError error) => new(
        FormattableString.Invariant($"{asked}: {error.Description ?? "no reason given"} ({error.Code}, {error.ErrCode})"),
        error.Code, error.ErrCode, error.Description ?? "");
}
