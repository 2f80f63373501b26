using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>Where the members of a fleet meet, as a test hears it.</summary>
internal static class Meeting
{
    /// <summary>Waits until a sign is given.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="kind">Which.</param>
    /// <returns>The sign.</returns>
    internal static Task<FleetSign> HearAsync(TauLink link, FleetSignKind kind) => HearAsync(link, sign => sign.Kind == kind);

    /// <summary>Waits until a sign is given.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="isMeant">Which.</param>
    /// <returns>The sign.</returns>
    internal static async Task<FleetSign> HearAsync(TauLink link, Predicate<FleetSign> isMeant)
    {
        var heard = new TaskCompletionSource<FleetSign>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var meeting = new FleetMeeting(link, sign =>
        {
            if (isMeant(sign)) { heard.TrySetResult(sign); }
        });
        var hearing = meeting.RunAsync(over.Token);
        var sign = await heard.Task.WaitAsync(ServerProcess.Patience);
        await over.CancelAsync();
        await hearing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return sign;
    }

    /// <summary>Waits until a node says that it has come to a run.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="run">The sign of the run.</param>
    internal static async Task HearNewsAsync(TauLink link, FleetSign run) => await HearNewsAsync(link, count: 1, run.RunName);

    /// <summary>Waits for what nodes say of themselves, each second.</summary>
    /// <param name="link">The server, and the name of the fleet.</param>
    /// <param name="count">How often.</param>
    /// <param name="run">The name of a run; default: any.</param>
    /// <returns>The names of the runs to which they have come.</returns>
    internal static async Task<List<string>> HearNewsAsync(TauLink link, int count, string run = "+")
    {
        List<string> runs = [];
        await using var transport = link.Open();
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        await foreach (var message in transport.SubscribeAsync(new TauTopics(link.Fleet, run).News, new(), patience.Token))
        {
            runs.Add(message.Topic.Value.Split('/')[2]);
            message.Acknowledge();
            message.Dispose();
            if (runs.Count == count) { return runs; }
        }

        throw new TimeoutException($"{runs.Count} of {count} came");
    }
}
