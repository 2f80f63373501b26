using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>Key-value buckets of the real nats-server.</summary>
public sealed class NatsBucketTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_is_set_and_read_and_each_change_has_a_revision()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);
        Assert.Null(await bucket.GetAsync("pump/1.speed", Cancellation));

        Assert.Equal(1, await PutAsync(bucket, "pump/1.speed", "ten"));
        Assert.Equal(2, await PutAsync(bucket, "other", ""));
        Assert.Equal(3, await PutAsync(bucket, "pump/1.speed", "eleven"));

        var entry = (await bucket.GetAsync("pump/1.speed", Cancellation))!;
        Assert.Equal(("pump/1.speed", "eleven", 3, NatsEntryKind.Value), (entry.Key, Text(entry), entry.Revision, entry.Kind));
        Assert.Equal("", Text((await bucket.GetAsync("other", Cancellation))!));
        var second = (await bucket.GetAsync("other", 2, Cancellation))!;
        Assert.Equal(("other", 2), (second.Key, second.Revision));
        Assert.InRange(entry.Created, second.Created, DateTimeOffset.MaxValue);
        Assert.Null(await bucket.GetAsync("other", 3, Cancellation));              // of another key
        Assert.Null(await bucket.GetAsync("pump/1.speed", 1, Cancellation));       // no history
        Assert.Null(await bucket.GetAsync("other", 4, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => bucket.GetAsync("other", 0, Cancellation).AsTask());
    }

    [Theory]
    [InlineData("")]
    [InlineData("jetstream { store_dir: \"%\", max_file_store: 1MB }")]
    public async Task A_bucket_that_is_full_refuses_at_once(string limits)
    {
        using var folder = new TemporaryFolder();
        await using var server = await RealNats.StartAsync(limits.Length == 0 ? new() { JetStream = true }
            : new() { More = [limits.Replace("%", folder.Path, StringComparison.Ordinal)] });
        await using var transport = Open(server.Uri);
        var bucket = await NatsBucket.OpenAsync(
            transport.JetStream, new() { Name = "B", MaxBytes = limits.Length == 0 ? 1 << 20 : -1 }, Cancellation);
        Func<string, Task>[] puts =
        [
            key => bucket.PutAsync(key, new byte[300_000], Cancellation).AsTask(),
            key => bucket.CreateAsync(key, new byte[300_000], Cancellation).AsTask(),
            key => bucket.UpdateAsync(key, new byte[300_000], 0, Cancellation).AsTask(),
        ];
        JetStreamException? full = null;
        for (var i = 0; full is null; i++)
        {
            Assert.True(i < 5);
            try { await ScriptedNats.Patiently(puts[0]($"{i}")); }
            catch (JetStreamException e) { full = e; }
        }

        Assert.Equal(JetStreamException.NotNow, full.Status);
        Assert.Equal(limits.Length == 0 ? "maximum bytes exceeded" : "insufficient resources", full.Description);
        foreach (var put in puts) { await Assert.ThrowsAsync<JetStreamException>(() => ScriptedNats.Patiently(put("x"))); }
        Assert.NotNull(await bucket.GetAsync("0", Cancellation));
    }

    [Fact]
    public async Task Text_with_half_of_a_surrogate_pair_is_refused()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => PutAsync(bucket, "\ud800", "x"));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await bucket.KeysAsync("\ud800", Cancellation).GetAsyncEnumerator(Cancellation).MoveNextAsync());
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => NatsBucket.OpenAsync(transport.JetStream, new() { Name = "C", Description = "\udc00" }, Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => transport.JetStream.PublishAsync("$KV.B.\ud800", default, default, Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => transport.JetStream.PublishAsync("$KV.B.a", default, new() { MessageId = "\ud800" }, Cancellation).AsTask());
    }

    [Fact]
    public async Task A_key_is_created_only_where_it_has_no_value()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);

        Assert.Equal(1, await bucket.CreateAsync("a", Bytes("1"), Cancellation));
        Assert.Null(await bucket.CreateAsync("a", Bytes("2"), Cancellation));
        await bucket.DeleteAsync("a", Cancellation);
        Assert.Equal(3, await bucket.CreateAsync("a", Bytes("3"), Cancellation));
        Assert.Null(await bucket.CreateAsync("a", Bytes("4"), Cancellation));
        await bucket.PurgeAsync("a", Cancellation);
        Assert.Equal(5, await bucket.CreateAsync("a", Bytes("5"), Cancellation));
        Assert.Equal("5", Text((await bucket.GetAsync("a", Cancellation))!));
    }

    [Fact]
    public async Task An_update_needs_the_revision_that_the_key_has()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);
        await PutAsync(bucket, "a", "1");
        await PutAsync(bucket, "b", "1");

        Assert.Null(await bucket.UpdateAsync("a", Bytes("x"), 2, Cancellation));
        Assert.Null(await bucket.UpdateAsync("a", Bytes("x"), 0, Cancellation));
        Assert.Null(await bucket.UpdateAsync("c", Bytes("x"), 1, Cancellation));
        Assert.Equal(3, await bucket.UpdateAsync("a", Bytes("2"), 1, Cancellation));
        Assert.Null(await bucket.UpdateAsync("a", Bytes("x"), 1, Cancellation));
        Assert.Equal(4, await bucket.UpdateAsync("c", Bytes("3"), 0, Cancellation));
        Assert.Equal(("2", "3"), (Text((await bucket.GetAsync("a", Cancellation))!), Text((await bucket.GetAsync("c", Cancellation))!)));
    }

    [Fact]
    public async Task Of_writers_that_race_exactly_one_wins_each_round()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var one = Open(server.Uri);
        await using var two = Open(server.Uri);
        var (first, second) = (await BucketAsync(one), await BucketAsync(two));
        long revision = 0;
        for (var round = 0; round < 100; round++)
        {
            var results = await Task.WhenAll(
                first.UpdateAsync("a", Bytes("one"), revision, Cancellation).AsTask(),
                second.UpdateAsync("a", Bytes("two"), revision, Cancellation).AsTask());

            var winner = Assert.Single(results, static r => r is not null);
            Assert.Equal(results[0] is null ? "two" : "one", Text((await first.GetAsync("a", Cancellation))!));
            Assert.Equal(revision + 1, winner);
            revision = winner!.Value;
        }
    }

    [Fact]
    public async Task A_bucket_keeps_as_many_revisions_as_it_is_told_to()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport, new() { Name = "B", History = 5 });
        for (var i = 1; i <= 7; i++) { await PutAsync(bucket, "a", $"{i}"); }
        await PutAsync(bucket, "b.c", "x");
        await bucket.DeleteAsync("a", Cancellation);

        Assert.Equal(["a=4", "a=5", "a=6", "a=7", "a Deleted"], await ShownAsync(bucket.HistoryAsync("a", Cancellation)));
        Assert.Equal(["b.c=x"], await ShownAsync(bucket.HistoryAsync("b.*", Cancellation)));
        Assert.Equal(["a=4", "a=5", "a=6", "a=7", "b.c=x", "a Deleted"], await ShownAsync(bucket.HistoryAsync(">", Cancellation)));
        Assert.Null(await bucket.GetAsync("a", Cancellation));
        Assert.Equal(NatsEntryKind.Deleted, (await bucket.GetAsync("a", 9, Cancellation))!.Kind);
        Assert.Equal("5", Text((await bucket.GetAsync("a", 5, Cancellation))!));

        await bucket.PurgeAsync("a", Cancellation);
        Assert.Equal(["a Purged"], await ShownAsync(bucket.HistoryAsync("a", Cancellation)));
        Assert.Empty(await ShownAsync(bucket.HistoryAsync("never", Cancellation)));
        await UntilNobodyReadsAsync(transport);
    }

    [Fact]
    public async Task Keys_are_those_that_have_a_value()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport, new() { Name = "B", History = 3 });
        foreach (var key in new[] { "a.1", "a.2", "a.b.3", "c", "a.1" }) { await PutAsync(bucket, key, "x"); }
        await bucket.DeleteAsync("a.2", Cancellation);
        await PutAsync(bucket, "gone", "x");
        await bucket.PurgeAsync("gone", Cancellation);

        Assert.Equal(["a.b.3", "c", "a.1"], await ListAsync(bucket.KeysAsync(cancellationToken: Cancellation)));
        Assert.Equal(["a.1"], await ListAsync(bucket.KeysAsync("a.*", Cancellation)));
        Assert.Equal(["a.b.3", "a.1"], await ListAsync(bucket.KeysAsync("a.>", Cancellation)));
        Assert.Empty(await ListAsync(bucket.KeysAsync("none.*", Cancellation)));
    }

    [Fact]
    public async Task More_keys_than_one_pull_brings_are_listed()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);
        const int Count = 1500;
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => PutAsync(bucket, $"k{i}", "x")));

        Assert.Equal(
            Enumerable.Range(0, Count).Select(static i => $"k{i}"), await ListAsync(bucket.KeysAsync(cancellationToken: Cancellation)));
    }

    [Fact]
    public async Task A_value_as_large_as_the_server_takes_is_listed()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true, More = ["max_payload: 20000000"] });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);
        await PutAsync(bucket, "before", "x");
        await bucket.PutAsync("large", new byte[19_000_000], Cancellation);
        await PutAsync(bucket, "behind", "x");

        Assert.Equal(["before", "large", "behind"], await ListAsync(bucket.KeysAsync(cancellationToken: Cancellation)));
        Assert.Equal([1, 19_000_000, 1], (await ListAsync(bucket.HistoryAsync(">", Cancellation))).Select(static e => e.Value.Length));
        Assert.Equal(19_000_000, (await bucket.GetAsync("large", Cancellation))!.Value.Length);
    }

    [Fact]
    public async Task Values_that_together_are_more_than_one_pull_takes_are_all_listed()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);
        const int Count = 40;
        for (var i = 0; i < Count; i++) { await bucket.PutAsync($"k{i}", new byte[900_000], Cancellation); }

        var history = await ListAsync(bucket.HistoryAsync(">", Cancellation));
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"k{i}"), history.Select(static e => e.Key));
        Assert.Equal(
            Enumerable.Range(0, Count).Select(static i => $"k{i}"), await ListAsync(bucket.KeysAsync(cancellationToken: Cancellation)));
    }

    [Fact]
    public async Task An_empty_bucket_lists_nothing_at_once()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);
        Assert.Empty(await ListAsync(bucket.KeysAsync(cancellationToken: Cancellation)));
        Assert.Empty(await ShownAsync(bucket.HistoryAsync(">", Cancellation)));

        await PutAsync(bucket, "a", "x");
        await transport.JetStream.PurgeStreamAsync("KV_B", null, Cancellation);
        Assert.Empty(await ListAsync(bucket.KeysAsync(cancellationToken: Cancellation)));
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ListAsync(bucket.KeysAsync(cancellationToken: canceled.Token)));
    }

    [Fact]
    public async Task A_watch_tells_what_was_there_and_then_each_change()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport, new() { Name = "B", History = 5 });
        await PutAsync(bucket, "a", "0");
        await PutAsync(bucket, "a", "1");
        await PutAsync(bucket, "other", "1");
        await PutAsync(bucket, "b", "1");
        await bucket.DeleteAsync("b", Cancellation);
        using var end = new CancellationTokenSource();
        await using var watch = bucket.WatchAsync("*", end.Token).GetAsyncEnumerator(Cancellation);

        Assert.Equal(("a=1", true), await NextAsync(watch));
        Assert.Equal(("other=1", true), await NextAsync(watch));
        Assert.Equal(("b Deleted", true), await NextAsync(watch));
        await PutAsync(bucket, "b", "2");
        await bucket.DeleteAsync("a", Cancellation);
        await PutAsync(bucket, "two.levels", "x");
        await bucket.PurgeAsync("b", Cancellation);
        Assert.Equal(("b=2", false), await NextAsync(watch));
        Assert.Equal(("a Deleted", false), await NextAsync(watch));
        Assert.Equal(("b Purged", false), await NextAsync(watch));

        var last = watch.MoveNextAsync().AsTask();
        await end.CancelAsync();
        Assert.False(await ScriptedNats.Patiently(last));
        await UntilNobodyReadsAsync(transport);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_watch_goes_on_over_a_kill_of_the_server_without_a_gap_or_a_double(bool beginsEmpty)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var watching = Open(server.Uri);
        await using var writing = Open(server.Uri);
        var (watched, written) = (await BucketAsync(watching, new() { Name = "B", History = 64 }), await BucketAsync(writing));
        using var end = new CancellationTokenSource();
        await using var watch = watched.WatchAsync(">", end.Token).GetAsyncEnumerator(Cancellation);
        var next = watch.MoveNextAsync().AsTask();
        await UntilReadAsync(writing);
        var at = 0;
        if (!beginsEmpty)
        {
            for (; at < 10; at++)
            {
                await PutAsync(written, "a", $"{at}");
                Assert.True(await ScriptedNats.Patiently(next));
                Assert.Equal($"{at}", Text(watch.Current));
                next = watch.MoveNextAsync().AsTask();
            }
        }

        for (var kill = 0; kill < 2; kill++)
        {
            await server.KillAsync();
            await server.StartAgainAsync();
            for (var i = 0; i < 20; i++) { await PutAsync(written, "a", $"{at + i}"); }
            for (var i = 0; i < 20; i++, at++)
            {
                Assert.True(await ScriptedNats.Patiently(next));
                Assert.Equal($"{at}", Text(watch.Current));
                next = watch.MoveNextAsync().AsTask();
            }
        }

        await end.CancelAsync();
        Assert.False(await ScriptedNats.Patiently(next));
    }

    [Fact]
    public async Task A_watch_whose_connection_was_cut_reads_on_with_one_consumer()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var proxy = new FaultProxy(server.Port);
        await using var watching = Open(new($"nats://127.0.0.1:{proxy.Port}"));
        await using var writing = Open(server.Uri);
        var (watched, written) = (await BucketAsync(watching, new() { Name = "B", History = 64 }), await BucketAsync(writing));
        using var end = new CancellationTokenSource();
        await using var watch = watched.WatchAsync(">", end.Token).GetAsyncEnumerator(Cancellation);
        var next = watch.MoveNextAsync().AsTask();
        await UntilReadAsync(writing);
        var at = 0;
        for (var cut = 0; cut < 3; cut++)
        {
            var connects = watching.Status.Connects;
            proxy.Cut();
            await ScriptedNats.UntilAsync(() => watching.Status.Connects > connects);
            for (var i = 0; i < 10; i++, at++)
            {
                await PutAsync(written, "a", $"{at}");
                Assert.True(await ScriptedNats.Patiently(next));
                Assert.Equal($"{at}", Text(watch.Current));
                next = watch.MoveNextAsync().AsTask();
            }
        }

        var consumers = await ListAsync(writing.JetStream.ConsumersAsync("KV_B", Cancellation));
        await end.CancelAsync();
        Assert.False(await ScriptedNats.Patiently(next));
        Assert.Single(consumers);
    }

    [Fact]
    public async Task A_value_is_gone_when_its_time_is_over()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport, new() { Name = "B", MaxAge = TimeSpan.FromMilliseconds(500) });
        Assert.Equal(TimeSpan.FromMilliseconds(500), (await transport.JetStream.StreamAsync("KV_B", Cancellation))!.Config.DuplicateWindow);
        await PutAsync(bucket, "a", "x");
        Assert.Equal("x", Text((await bucket.GetAsync("a", Cancellation))!));

        while (await bucket.GetAsync("a", Cancellation) is not null) { Cancellation.ThrowIfCancellationRequested(); }

        Assert.Empty(await ListAsync(bucket.KeysAsync(cancellationToken: Cancellation)));
        Assert.Equal(2, await bucket.CreateAsync("a", Bytes("y"), Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("*")]
    [InlineData(">")]
    [InlineData("a.>")]
    [InlineData("ä")]
    [InlineData("a\r\nPUB x 0")]
    public async Task What_cannot_be_a_key_is_refused(string key)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => PutAsync(bucket, key, "x"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bucket.GetAsync(key, Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bucket.GetAsync(key, 1, Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bucket.CreateAsync(key, default, Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bucket.UpdateAsync(key, default, 1, Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bucket.DeleteAsync(key, Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bucket.PurgeAsync(key, Cancellation).AsTask());
        Assert.Equal(0, (await transport.JetStream.StreamAsync("KV_B", Cancellation))!.State.Messages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public async Task What_cannot_be_a_bucket_is_refused(string name)
    {
        await using var transport = new NatsTransport(new());

        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => NatsBucket.OpenAsync(transport.JetStream, new() { Name = name }, Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => NatsBucket.FindAsync(transport.JetStream, name, Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => NatsBucket.DeleteBucketAsync(transport.JetStream, name, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(">.a")]
    [InlineData("a b")]
    public async Task What_cannot_be_a_filter_is_refused(string filter)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var other = Open(server.Uri);
        var bucket = await BucketAsync(other);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => ListAsync(bucket.KeysAsync(filter, Cancellation)));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ShownAsync(bucket.HistoryAsync(filter, Cancellation)));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ShownAsync(bucket.WatchAsync(filter, Cancellation)));
    }

    [Fact]
    public async Task A_bucket_is_found_opened_again_and_deleted()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        Assert.Null(await NatsBucket.FindAsync(transport.JetStream, "B", Cancellation));
        var settings = new NatsBucketOptions { Name = "B", History = 3 };
        var opened = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => NatsBucket.OpenAsync(transport.JetStream, settings, Cancellation)));
        await PutAsync(opened[7], "a", "x");

        var again = await NatsBucket.OpenAsync(transport.JetStream, settings with { History = 7 }, Cancellation);
        Assert.Equal("x", Text((await again.GetAsync("a", Cancellation))!));
        Assert.Equal(3, (await transport.JetStream.StreamAsync("KV_B", Cancellation))!.Config.MaxMessagesPerSubject);
        Assert.Equal("B", (await NatsBucket.FindAsync(transport.JetStream, "B", Cancellation))!.Name);
        Assert.True(await NatsBucket.DeleteBucketAsync(transport.JetStream, "B", Cancellation));
        Assert.False(await NatsBucket.DeleteBucketAsync(transport.JetStream, "B", Cancellation));
        foreach (var history in new[] { 0, 65 })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => NatsBucket.OpenAsync(transport.JetStream, settings with { History = history }, Cancellation));
        }
    }

    [Fact]
    public async Task The_bucket_is_of_the_form_that_other_clients_read()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var bucket = await BucketAsync(transport, new() { Name = "B", History = 4 });
        await PutAsync(bucket, "a/b.c", "x");
        await bucket.DeleteAsync("a/b.c", Cancellation);
        await transport.JetStream.PublishAsync("$KV.B.foreign", Bytes("by hand"), default, Cancellation);

        var config = (await transport.JetStream.StreamAsync("KV_B", Cancellation))!.Config;
        Assert.Equal(["$KV.B.>"], config.Subjects);
        Assert.Equal((4L, true, true, true, NatsDiscard.New),
            (config.MaxMessagesPerSubject, config.AllowRollup, config.AllowDirect, config.DenyDelete, config.Discard));
        var put = (await transport.JetStream.MessageAsync("KV_B", new(1, null), Cancellation))!;
        Assert.Equal(("$KV.B.a/b.c", "x"), (put.Subject, Decoded(put.Data)));
        Assert.Matches("^NATS/1.0\r\nNats-Msg-Id: [^\r\n]+\r\n\r\n$", Decoded(put.Hdrs));
        var deleted = (await transport.JetStream.MessageAsync("KV_B", new(2, null), Cancellation))!;
        Assert.Equal(("$KV.B.a/b.c", ""), (deleted.Subject, Decoded(deleted.Data)));
        Assert.EndsWith("\r\nKV-Operation: DEL\r\n\r\n", Decoded(deleted.Hdrs), StringComparison.Ordinal);
        await bucket.PurgeAsync("a/b.c", Cancellation);
        var purged = (await transport.JetStream.MessageAsync("KV_B", new(4, null), Cancellation))!;
        Assert.Contains("KV-Operation: PURGE\r\n", Decoded(purged.Hdrs), StringComparison.Ordinal);
        Assert.Contains("Nats-Rollup: sub\r\n", Decoded(purged.Hdrs), StringComparison.Ordinal);
        Assert.Null(await transport.JetStream.MessageAsync("KV_B", new(1, null), Cancellation));
        Assert.Equal("by hand", Text((await bucket.GetAsync("foreign", Cancellation))!));
    }

    private static NatsTransport Open(Uri server) => new(new()
    {
        Servers = [server],
        InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
    });

    private static Task<NatsBucket> BucketAsync(NatsTransport transport, NatsBucketOptions? options = null) =>
        NatsBucket.OpenAsync(transport.JetStream, options ?? new() { Name = "B" }, Cancellation);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static Task<long> PutAsync(NatsBucket bucket, string key, string text) =>
        bucket.PutAsync(key, Bytes(text), Cancellation).AsTask();

    private static string Text(NatsEntry entry) => Encoding.UTF8.GetString(entry.Value.Span);

    private static string Decoded(string? base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64 ?? ""));

    private static string Shown(NatsEntry entry) =>
        entry.Kind == NatsEntryKind.Value ? $"{entry.Key}={Text(entry)}" : $"{entry.Key} {entry.Kind}";

    private static async Task<(string, bool)> NextAsync(IAsyncEnumerator<NatsEntry> entries)
    {
        Assert.True(await ScriptedNats.Patiently(entries.MoveNextAsync().AsTask()));
        return (Shown(entries.Current), entries.Current.WasThere);
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> sequence)
    {
        return await ScriptedNats.Patiently(AllAsync());

        async Task<List<T>> AllAsync()
        {
            List<T> all = [];
            await foreach (var one in sequence) { all.Add(one); }
            return all;
        }
    }

    private static async Task<List<string>> ShownAsync(IAsyncEnumerable<NatsEntry> entries) =>
        [.. (await ListAsync(entries)).Select(Shown)];

    private static async Task UntilReadAsync(NatsTransport transport)
    {
        while ((await ListAsync(transport.JetStream.ConsumersAsync("KV_B", Cancellation))).All(static c => c.Waiting == 0))
        {
            Cancellation.ThrowIfCancellationRequested();
        }
    }

    private static async Task UntilNobodyReadsAsync(NatsTransport transport)
    {
        while ((await ListAsync(transport.JetStream.ConsumersAsync("KV_B", Cancellation))).Count > 0)
        {
            Cancellation.ThrowIfCancellationRequested();
        }
    }
}
