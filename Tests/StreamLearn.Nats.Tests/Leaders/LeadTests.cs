using System.Collections.Immutable;
using static StreamLearn.Nats.Tests.Registries;

namespace StreamLearn.Nats.Tests;

/// <summary>The lead of one of several processes, on the real nats-server. Clocks stand still until a test moves them.</summary>
public sealed class LeadTests : RegistryServer
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = Lease / 4;
    private static readonly LeadOptions First = new("plant", "one") { Lease = Lease };
    private static readonly LeadOptions Second = First with { Holder = "two" };

    [Fact]
    public async Task Who_stands_by_hears_who_leads_and_goes_on_from_its_newest_checkpoint()
    {
        await using var lead = await TakeAsync(First, new ManualTimeProvider());
        Assert.Null(lead.Newest);
        await lead.KeepAsync(await CheckpointAsync(rows: 1), Cancellation);
        var newest = await CheckpointAsync(rows: 100_000);       // of several parts
        await lead.KeepAsync(newest, Cancellation);
        var (clock, leaders) = (new ManualTimeProvider(), new List<(string Holder, DateTimeOffset Since)?>());

        var second = Lead.TakeAsync(Connection, Second, leaders.Add, clock, Cancellation);
        await LookAsync(clock, times: 3);
        await StandsByAsync(clock);
        Assert.False(second.IsCompleted);
        await lead.DisposeAsync();
        await LookAsync(clock, times: 1);

        await using var taken = await Patiently(second);
        Assert.Equal([lead.Own], leaders);
        Assert.Equal(("one", "two"), (lead.Own.Holder, taken.Own.Holder));
        Assert.Equal(newest.Length, taken.Newest!.SizeBytes);
        Assert.Equal(Checkpoint.Read(newest).Time, taken.Newest.Time);
        Assert.False(lead.Lost.IsCancellationRequested);
    }

    /// <summary>As of one that was stopped (SIGSTOP), or cut off from the server: its clock does not move.</summary>
    [Fact]
    public async Task A_leader_that_was_silent_for_its_lease_keeps_nothing_any_more()
    {
        await using var lead = await TakeAsync(First, new ManualTimeProvider());
        var kept = await CheckpointAsync(rows: 200_000);
        await lead.KeepAsync(kept, Cancellation);
        var clock = new ManualTimeProvider();
        var second = Lead.TakeAsync(Connection, Second, standsBy: null, clock, Cancellation);
        await LookAsync(clock, times: 4);
        await using var taken = await Patiently(second);

        var refused = await Assert.ThrowsAsync<IOException>(async () => await lead.KeepAsync(await CheckpointAsync(rows: 3), Cancellation));

        Assert.Contains("another process leads 'plant'", refused.Message, StringComparison.Ordinal);
        Assert.True(lead.Lost.IsCancellationRequested);
        Assert.Equal(kept.Length, taken.Newest!.SizeBytes);
        await lead.DisposeAsync();          // gives back nothing
        await taken.DisposeAsync();
        Assert.False(taken.Lost.IsCancellationRequested);
        await using var third = await TakeAsync(First, new ManualTimeProvider());
        Assert.Equal(kept.Length, third.Newest!.SizeBytes);         // what was refused is in nobody's place
    }

    [Fact]
    public async Task A_leader_that_renews_its_lead_in_time_keeps_it()
    {
        var (own, other) = (new ManualTimeProvider(), new ManualTimeProvider());
        await using var lead = await TakeAsync(First, own);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var second = Lead.TakeAsync(Connection, Second, standsBy: null, other, over.Token);
        for (var looks = 0; looks < 12; looks += 2)
        {
            await LookAsync(other, times: 2);
            var before = await RevisionAsync();
            own.Advance(Lease / 3);
            await Patiently(ChangedAsync(before));
        }
        Assert.False(lead.Lost.IsCancellationRequested);
        Assert.False(second.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public async Task Of_many_that_come_at_once_one_leads()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var all = Enumerable.Range(0, 8).Select(n =>
            Lead.TakeAsync(Connection, First with { Holder = $"{n}" }, standsBy: null, new ManualTimeProvider(), over.Token)).ToList();
        await using var lead = await await Task.WhenAny(all);
        await lead.KeepAsync(await CheckpointAsync(rows: 1), Cancellation);
        Assert.False(lead.Lost.IsCancellationRequested);
        await over.CancelAsync();
        await ((Task)Task.WhenAll(all)).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Equal(1, all.Count(static t => t.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task Epochs_rise_though_clocks_go_back_and_nothing_is_left_of_checkpoints_before()
    {
        long epoch = 0;
        for (var leads = 0; leads < 4; leads++)
        {
            await using var lead = await TakeAsync(First, new ManualTimeProvider());        // each at the same moment
            Assert.True(lead.Epoch > epoch);
            epoch = lead.Epoch;
            for (var n = 0; n < 3; n++) { await lead.KeepAsync(await CheckpointAsync(rows: 50_000), Cancellation); }
        }
        var parts = ((await CheckpointAsync(rows: 50_000)).Length + (128 << 10) - 1) / (128 << 10);
        Assert.Equal(parts + 1, await MessagesAsync(Connection, "KV_leaders"));
    }

    [Fact]
    public async Task A_damaged_checkpoint_and_a_server_without_JetStream_are_refused()
    {
        await using (var lead = await TakeAsync(First, new ManualTimeProvider())) { await lead.KeepAsync(new byte[300], Cancellation); }
        await Assert.ThrowsAsync<StateException>(() => TakeAsync(First, new ManualTimeProvider()));
        await using var bare = await RealNats.StartAsync();
        await using var connection = Open(bare.Uri);
        var refused = await Assert.ThrowsAsync<TransportException>(() =>
            Lead.TakeAsync(connection, First, standsBy: null, time: null, Cancellation));
        Assert.Contains("has no JetStream", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.IsTransient);
        await Assert.ThrowsAsync<ArgumentException>(() => TakeAsync(First with { Name = "a.b" }, new ManualTimeProvider()));
    }

    [Fact]
    public async Task Time_in_which_the_server_is_away_does_not_count()
    {
        var clock = new ManualTimeProvider();
        await using var lead = await TakeAsync(First, new ManualTimeProvider());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var second = Lead.TakeAsync(Connection, Second, standsBy: null, clock, over.Token);
        await StandsByAsync(clock);

        await Server.KillAsync();
        clock.Advance(Look);
        clock.Advance(10 * Lease);
        await Server.StartAgainAsync();
        await StandsByAsync(clock);

        Assert.False(second.IsCompleted);
        await lead.KeepAsync(await CheckpointAsync(rows: 1), Cancellation);
        await over.CancelAsync();
        await ((Task)second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.True(second.IsCanceled);
    }

    [Fact]
    public async Task Where_the_server_has_lost_its_store_the_leader_keeps_the_lead_and_its_checkpoints_there_again()
    {
        await using var lead = await TakeAsync(First, new ManualTimeProvider());
        var clock = new ManualTimeProvider();
        var second = Lead.TakeAsync(Connection, Second, standsBy: null, clock, Cancellation);
        await StandsByAsync(clock);

        await Server.LoseStoreAsync();
        await Server.StartAgainAsync();
        await LookAsync(clock, times: 8);           // twice the lease
        var newest = await CheckpointAsync(rows: 100_000);
        await lead.KeepAsync(newest, Cancellation);
        await LookAsync(clock, times: 3);
        Assert.Equal((1, false, false), (lead.Remade, lead.Lost.IsCancellationRequested, second.IsCompleted));
        await lead.DisposeAsync();
        await LookAsync(clock, times: 1);

        await using var taken = await Patiently(second);
        Assert.Equal(newest.Length, taken.Newest!.SizeBytes);
        Assert.True(taken.Epoch > lead.Epoch);
    }

    /// <summary>The numbers of the new bucket begin at 1 again: those of the old one must mean nothing there.</summary>
    [Fact]
    public async Task A_leader_that_does_not_return_to_a_server_without_store_has_lost_the_lead_when_it_does()
    {
        await using var lead = await TakeAsync(First, new ManualTimeProvider());
        var clock = new ManualTimeProvider();
        var second = Lead.TakeAsync(Connection, Second, standsBy: null, clock, Cancellation);
        await StandsByAsync(clock);

        await Server.LoseStoreAsync();
        await Server.StartAgainAsync();
        await LookAsync(clock, times: 30);          // 5 s, and the 30 s in which a leader connects
        await using var taken = await Patiently(second);
        Assert.Equal(1ul, await RevisionAsync());   // as in the bucket that is lost

        await Assert.ThrowsAsync<IOException>(async () => await lead.KeepAsync(await CheckpointAsync(rows: 1), Cancellation));
        Assert.Equal((true, false), (lead.Lost.IsCancellationRequested, taken.Lost.IsCancellationRequested));
        Assert.True(taken.Epoch > lead.Epoch);
        await taken.KeepAsync(await CheckpointAsync(rows: 1), Cancellation);
    }

    [Fact]
    public async Task While_the_store_is_full_nothing_is_kept_and_nobody_takes_over()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true, StoreBytes = 1 << 20 });
        await using var connection = Open(server.Uri);
        await using var lead = await Patiently(Lead.TakeAsync(connection, First, standsBy: null, new ManualTimeProvider(), Cancellation));
        var (clock, jetStream) = (new ManualTimeProvider(), new NatsJSContext(connection));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var second = Lead.TakeAsync(connection, Second, standsBy: null, clock, over.Token);
        await jetStream.CreateStreamAsync(new("full", ["full"]), Cancellation);
        for (var bytes = 1 << 18; bytes > 0; bytes /= 2)
        {
            while ((await PublishAsync(connection, "full", new byte[bytes])).Error is null) { }
        }
        await Assert.ThrowsAsync<IOException>(async () => await lead.KeepAsync(await CheckpointAsync(rows: 1), Cancellation));
        await LookAsync(clock, times: 8);           // twice the lease
        await StandsByAsync(clock);
        await jetStream.DeleteStreamAsync("full", Cancellation);
        await lead.KeepAsync(await CheckpointAsync(rows: 1), Cancellation);

        Assert.Equal((0, false, false), (lead.Remade, lead.Lost.IsCancellationRequested, second.IsCompleted));
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    private Task<Lead> TakeAsync(LeadOptions options, TimeProvider clock) =>
        Patiently(Lead.TakeAsync(Connection, options, standsBy: null, clock, Cancellation));

    /// <summary>Waits until who stands by waits for its clock.</summary>
    private static async Task StandsByAsync(ManualTimeProvider clock)
    {
        while (clock.PendingTimers == 0) { await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation); }
    }

    private static async Task LookAsync(ManualTimeProvider clock, int times)
    {
        for (; times > 0; times--)
        {
            await StandsByAsync(clock);
            clock.Advance(Look);
        }
    }

    private async Task ChangedAsync(ulong before)
    {
        while (await RevisionAsync() == before) { Cancellation.ThrowIfCancellationRequested(); }
    }

    private async Task<ulong> RevisionAsync() =>
        (await (await StreamAsync(Connection, "KV_leaders")).GetAsync(new() { LastBySubj = "$KV.leaders.plant.head" }, Cancellation))
            .Message.Seq;

    /// <summary>A checkpoint that holds so many rows.</summary>
    private static async Task<byte[]> CheckpointAsync(int rows)
    {
        byte[]? kept = null;
        var pipeline = Pipeline.Define("test", p => p.Input<Batch>("in").Discard());
        var held = new Held(rows);
        await using var run = pipeline.Start(new RunOptions
        {
            Checkpoints = new((bytes, _) =>
            {
                kept = bytes.ToArray();
                return Task.CompletedTask;
            })
            { State = held },
        }, Cancellation);
        await run.CheckpointAsync();
        return kept!;
    }

    private sealed class Held(int rows) : IStateful
    {
        private ImmutableArray<int> _rows = [.. new int[rows]];
        public string StateFormat => "held/1";
        public void State(ref StateStream s) => _rows = s.Array(_rows, int.MaxValue);
    }
}
