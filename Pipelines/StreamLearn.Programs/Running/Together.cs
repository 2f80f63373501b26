namespace StreamLearn.Programs;

/// <summary>Closes parts at the same time: each waits for a server that may no longer answer.</summary>
/// <param name="parts">The parts.</param>
public sealed class Together(IReadOnlyList<IAsyncDisposable> parts) : IAsyncDisposable
{
    /// <inheritdoc />
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(parts.Select(static p => p.DisposeAsync().AsTask())).ConfigureAwait(false);
}
