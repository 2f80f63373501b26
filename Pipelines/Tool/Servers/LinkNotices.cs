namespace Tool;

internal static class LinkNotices
{
    internal static IEnumerable<string> Between(LinkState before, LinkState now)
    {
        var dropped = now.Dropped - before.Dropped;
        if (dropped > 0) { yield return $"messages lost because they arrived faster than they were shown: {dropped}"; }
        var malformed = now.Malformed - before.Malformed;
        if (malformed > 0) { yield return $"messages not shown because of a malformed subject or headers: {malformed}"; }

        if (before.Connects > 0 && now.Connects > before.Connects) { yield return "connected again"; }
        else if (before.IsConnected && !now.IsConnected)
        {
            yield return $"no connection, trying again: {(now.LastFault is "" ? "the server closed it" : now.LastFault)}";
        }
    }

    /// <summary>Returns why a session is not ready; never empty.</summary>
    internal static string Why(LinkState status, TimeSpan wait) => status switch
    {
        { IsConnected: true } =>
            FormattableString.Invariant($"it accepted the connection, but sent nothing more within {wait.TotalSeconds} s"),
        { LastFault.Length: > 0 } => status.LastFault,
        _ => FormattableString.Invariant($"nothing arrived within {wait.TotalSeconds} s"),
    };

    internal static string Why(string server, LinkState status, TimeSpan wait)
    {
        var why = Why(status, wait);
        return why.Contains(server, StringComparison.Ordinal) ? why : $"{server}: {why}";
    }

    internal static string NoConnection(string server, string why) =>
        why.Contains(server, StringComparison.Ordinal) ? why : $"no connection to {server}: {why}";

    /// <summary>Reports notices until canceled, then the remaining ones.</summary>
    internal static async Task TellAsync(Func<LinkState> look, TextWriter error, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(0.5), TimeProvider.System);
        var before = new LinkState();
        while (!cancellationToken.IsCancellationRequested)
        {
            Task tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            await tick.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var now = look();
            foreach (var line in Between(before, now)) { await error.WriteLineAsync($"streamlearn: {line}").ConfigureAwait(false); }
            before = now;
        }
    }
}
