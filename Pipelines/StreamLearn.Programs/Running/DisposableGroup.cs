namespace StreamLearn.Programs;

/// <summary>Closes parts concurrently, since each may wait for an unresponsive server.</summary>
internal sealed class DisposableGroup(IReadOnlyList<IAsyncDisposable> parts) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(parts.Select(static p => p.DisposeAsync().AsTask())).ConfigureAwait(false);
}
