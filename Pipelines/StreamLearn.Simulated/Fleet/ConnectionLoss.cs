namespace StreamLearn.Simulated;

internal sealed class ConnectionLoss(string server, string reason, TimeSpan began)
{
    internal string Server => server;

    internal string Reason => reason;

    internal TimeSpan StartedAt => began;

    internal HashSet<(string Member, int Link, string Session)> Sessions { get; } = [];

    internal bool IsTold { get; set; }

    internal TimeSpan? BackAt { get; set; }
}
