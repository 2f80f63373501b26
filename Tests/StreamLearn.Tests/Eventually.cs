namespace StreamLearn.Tests;

/// <summary>What most tests name; its members need no name before them.</summary>
internal static class Steps
{
    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}

/// <summary>Waits for what another thread will do.</summary>
internal static class Eventually
{
    internal static async Task TrueAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Blocks.Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, "waited in vain");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }
    }
}

/// <summary>Holds a call until the test opens it.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a call has come to the gate.</summary>
    internal Task Reached => _reached.Task.WaitAsync(Blocks.Patience);
    internal void Open() => _open.TrySetResult();

    internal void Pass()
    {
        _reached.TrySetResult();
        Assert.True(_open.Task.Wait(Blocks.Patience), "nobody opened the gate");
    }
}
