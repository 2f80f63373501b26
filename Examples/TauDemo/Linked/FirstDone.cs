namespace TauDemo;

/// <summary>Does several things at once.</summary>
internal static class FirstDone
{
    /// <summary>Does them until one is done or fails; then the others are given up.</summary>
    /// <param name="cancellationToken">Gives all of them up.</param>
    /// <param name="works">What to do.</param>
    /// <returns>Ends as the first one did, once all have ended.</returns>
    internal static async Task OfAsync(CancellationToken cancellationToken, params IReadOnlyList<Func<CancellationToken, Task>> works)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> tasks = [.. works.Select(w => w(over.Token))];
        var first = await Task.WhenAny(tasks).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }
}
