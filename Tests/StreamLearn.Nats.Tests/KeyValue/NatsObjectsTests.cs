using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>Values of any size on the real nats-server.</summary>
public sealed class NatsObjectsTests
{
    private const int ChunkBytes = 128 * 1024;
    private const int Most = 64 << 20;
    private const string Stream = "OBJ_B";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(ChunkBytes - 1, 1)]
    [InlineData(ChunkBytes, 1)]
    [InlineData(ChunkBytes + 1, 2)]
    [InlineData(5 << 20, 40)]           // more than a message of the server may have
    public async Task A_value_is_read_as_it_was_stored(int length, int chunks)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        Assert.Null(await objects.GetAsync("a", Most, Cancellation));
        Assert.Null(await objects.FindAsync("a", Cancellation));
        var value = Value(length);

        var stored = await objects.PutAsync("a", value, Cancellation);

        Assert.Equal(("a", "B", length, chunks, false), (stored.Name, stored.Bucket, stored.Size, stored.Chunks, stored.Deleted));
        Assert.Equal(stored, await objects.FindAsync("a", Cancellation));
        Assert.Equal(chunks + 1, await MessagesAsync(transport));
        AssertSame(value, await objects.GetAsync("a", length, Cancellation));
        await using var other = Open(server.Uri);
        var found = (await NatsObjects.FindAsync(other.JetStream, "B", Cancellation))!;
        AssertSame(value, await found.GetAsync("a", Most, Cancellation));
        Assert.Null(await NatsObjects.FindAsync(other.JetStream, "C", Cancellation));
        await UntilNobodyReadsAsync(transport);
    }

    [Fact]
    public async Task A_value_takes_the_place_of_the_one_before_and_nothing_is_left_of_that()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        var other = Value(3 * ChunkBytes, seed: 9);
        await objects.PutAsync("other", other, Cancellation);
        var seed = 0;
        foreach (var length in new[] { 5 * ChunkBytes, ChunkBytes + 7, 0, 2 * ChunkBytes, 2 * ChunkBytes })
        {
            var value = Value(length, ++seed);
            var stored = await objects.PutAsync("a", value, Cancellation);

            AssertSame(value, await objects.GetAsync("a", Most, Cancellation));
            Assert.Equal(4 + stored.Chunks + 1, await MessagesAsync(transport));
        }

        AssertSame(other, await objects.GetAsync("other", Most, Cancellation));
    }

    [Fact]
    public async Task A_value_is_removed_with_its_chunks_and_can_be_stored_again()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        Assert.False(await objects.DeleteAsync("a", Cancellation));
        await objects.PutAsync("a", Value(3 * ChunkBytes), Cancellation);

        Assert.True(await objects.DeleteAsync("a", Cancellation));

        Assert.Equal(1, await MessagesAsync(transport));         // the mark that it is gone
        Assert.Null(await objects.GetAsync("a", Most, Cancellation));
        Assert.Null(await objects.FindAsync("a", Cancellation));
        Assert.False(await objects.DeleteAsync("a", Cancellation));
        await objects.PutAsync("a", Value(5), Cancellation);
        AssertSame(Value(5), await objects.GetAsync("a", Most, Cancellation));
        Assert.Equal(2, await MessagesAsync(transport));
    }

    [Theory]
    [InlineData("a/b.c *>ä")]
    [InlineData("x\r\nPUB y 0\r\n")]
    [InlineData("???>>>~~~")]           // + and / in Base64
    public async Task A_name_is_any_text(string name)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        await objects.PutAsync(name, Value(3), Cancellation);
        await objects.PutAsync(name + "x", Value(4), Cancellation);

        AssertSame(Value(3), await objects.GetAsync(name, Most, Cancellation));
        Assert.Equal(name, (await objects.FindAsync(name, Cancellation))!.Name);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => objects.PutAsync("", default, Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => objects.GetAsync("", Most, Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_value_of_which_a_chunk_is_missing_is_refused(long sequence)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        var stored = await objects.PutAsync("a", Value(3 * ChunkBytes), Cancellation);

        await RemoveMessageAsync(transport, sequence);

        await AssertRefusedAsync(objects, "bytes in 3 chunks");
        Assert.Equal(stored, await objects.FindAsync("a", Cancellation));
    }

    [Theory]
    [InlineData(ChunkBytes)]            // other bytes
    [InlineData(ChunkBytes - 1)]
    [InlineData(ChunkBytes + 1)]
    public async Task A_value_of_which_a_chunk_was_changed_is_refused(int length)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        var value = Value(2 * ChunkBytes);
        var stored = await objects.PutAsync("a", value, Cancellation);
        await RemoveMessageAsync(transport, 2);
        byte[] changed = [.. value.AsSpan(ChunkBytes, Math.Min(length, ChunkBytes)), .. new byte[Math.Max(0, length - ChunkBytes)]];
        changed[^1] ^= 1;

        await transport.JetStream.PublishAsync($"$O.B.C.{stored.Nuid}", changed, default, Cancellation);

        await AssertRefusedAsync(objects, "with digest");
        await objects.PutAsync("a", value, Cancellation);
        AssertSame(value, await objects.GetAsync("a", Most, Cancellation));
    }

    [Fact]
    public async Task What_somebody_adds_behind_a_value_is_not_of_it()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        var value = Value(ChunkBytes + 1);
        var stored = await objects.PutAsync("a", value, Cancellation);

        await transport.JetStream.PublishAsync($"$O.B.C.{stored.Nuid}", new byte[3], default, Cancellation);

        AssertSame(value, await objects.GetAsync("a", Most, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"name\":null,\"bucket\":\"B\",\"nuid\":\"x\"}")]
    [InlineData("{\"name\":\"b\",\"bucket\":\"B\",\"nuid\":\"x\",\"size\":0,\"chunks\":0,\"digest\":\"\"}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\"}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"x\",\"size\":-1}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"x\",\"size\":9223372036854775807,\"chunks\":1}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"x\",\"size\":1,\"chunks\":0}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"x\",\"size\":1,\"chunks\":-1}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"x\",\"size\":0,\"chunks\":0}")]          // without a digest
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"x\",\"size\":0,\"chunks\":0,\"digest\":null}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"\",\"size\":1,\"chunks\":1}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"a b\",\"size\":1,\"chunks\":1}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"x.y\",\"size\":1,\"chunks\":1}")]
    [InlineData("{\"name\":\"a\",\"bucket\":\"B\",\"nuid\":\"*\",\"size\":1,\"chunks\":1}")]
    public async Task What_is_said_of_a_value_by_somebody_else_is_refused_if_it_is_none(string json)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        await objects.PutAsync("b", Value(1), Cancellation);
        await transport.JetStream.PublishAsync("$O.B.M.YQ==", Encoding.UTF8.GetBytes(json), default, Cancellation);

        await Assert.ThrowsAsync<InvalidDataException>(() => ScriptedNats.Patiently(objects.GetAsync("a", Most, Cancellation)));

        await objects.PutAsync("a", Value(2), Cancellation);
        AssertSame(Value(2), await objects.GetAsync("a", Most, Cancellation));
    }

    [Fact]
    public async Task A_value_larger_than_wanted_is_refused_before_its_bytes_are_taken()
    {
        const int Length = 4 << 20;
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var writing = Open(server.Uri);
        await (await ObjectsAsync(writing)).PutAsync("a", Value(Length), Cancellation);
        await using var proxy = new FaultProxy(server.Port);
        await using var reading = Open(new($"nats://127.0.0.1:{proxy.Port}"));
        var objects = await ObjectsAsync(reading);

        await AssertRefusedAsync(objects, "expected at most 4194303 bytes, it has 4194304", Length - 1);

        Assert.InRange(proxy.Bytes(Direction.Down), 1, ChunkBytes);
        Assert.Equal(Length, (await objects.GetAsync("a", Length, Cancellation))!.Length);
        Assert.InRange(proxy.Bytes(Direction.Down), Length, long.MaxValue);
    }

    [Fact]
    public async Task Who_reads_while_a_value_is_being_replaced_gets_one_of_the_whole_ones()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var writing = Open(server.Uri);
        await using var reading = Open(server.Uri);
        var (written, read) = (await ObjectsAsync(writing), await ObjectsAsync(reading));
        await written.PutAsync("a", Uniform(0), Cancellation);
        var (isEnough, replaced) = (false, 0);
        var replacing = Task.Run(
            async () =>
            {
                for (; !Volatile.Read(ref isEnough); replaced++) { await written.PutAsync("a", Uniform(replaced + 1), Cancellation); }
            },
            Cancellation);

        HashSet<byte> seen = [];
        for (var i = 0; seen.Count < 20 || i < 100; i++)
        {
            var value = (await ScriptedNats.Patiently(read.GetAsync("a", Most, Cancellation)))!;
            Assert.True(value.Length >= 4 * ChunkBytes);
            Assert.Equal(-1, value.AsSpan().IndexOfAnyExcept(value[0]));
            Assert.Equal(4 * ChunkBytes + value[0], value.Length);
            seen.Add(value[0]);
        }

        Volatile.Write(ref isEnough, true);
        await ScriptedNats.Patiently(replacing);
        Assert.Equal((byte)replaced, (await read.GetAsync("a", Most, Cancellation))![0]);
        Assert.Equal(1 + (await read.FindAsync("a", Cancellation))!.Chunks, await MessagesAsync(writing));

        static byte[] Uniform(int number)
        {
            var value = new byte[4 * ChunkBytes + (byte)number];
            value.AsSpan().Fill((byte)number);
            return value;
        }
    }

    [Fact]
    public async Task A_value_is_whole_when_the_server_was_killed_while_it_was_stored()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var writing = Open(server.Uri);
        await using var looking = Open(server.Uri);
        var (written, looked) = (await ObjectsAsync(writing), await ObjectsAsync(looking));
        var before = Value(ChunkBytes);
        await written.PutAsync("a", before, Cancellation);
        for (var (kills, seed) = (0, 1); kills < 2; seed++)
        {
            var value = Value(24 << 20, seed);
            var put = written.PutAsync("a", value, Cancellation);
            var there = await MessagesAsync(looking);
            while (!put.IsCompleted && await MessagesAsync(looking) <= there) { Cancellation.ThrowIfCancellationRequested(); }

            await server.KillAsync();
            var wasUnderWay = !put.IsCompleted;
            await server.StartAgainAsync();
            if (wasUnderWay)
            {
                kills++;
                await MessagesAsync(looking);           // it is connected again
                var seen = (await ScriptedNats.Patiently(looked.GetAsync("a", Most, Cancellation)))!;
                Assert.True(seen.AsSpan().SequenceEqual(before) || seen.AsSpan().SequenceEqual(value));
            }

            var stored = await ScriptedNats.Patiently(put);
            AssertSame(value, await looked.GetAsync("a", Most, Cancellation));
            Assert.Equal((192, 193), (stored.Chunks, await MessagesAsync(looking)));
            before = value;
        }
    }

    [Fact]
    public async Task Of_a_value_that_was_given_up_nothing_stays_and_the_one_before_does()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var proxy = new FaultProxy(server.Port);
        await using var writing = Open(new($"nats://127.0.0.1:{proxy.Port}"));
        await using var looking = Open(server.Uri);
        var (written, looked) = (await ObjectsAsync(writing), await ObjectsAsync(looking));
        await written.PutAsync("a", Value(ChunkBytes), Cancellation);
        using var stop = new CancellationTokenSource();
        var put = written.PutAsync("a", Value(48 << 20, seed: 2), stop.Token);
        while (await MessagesAsync(looking) <= 2) { Cancellation.ThrowIfCancellationRequested(); }
        proxy.Set(Direction.Up, new() { Stall = true });
        await stop.CancelAsync();
        Assert.True(await MessagesAsync(looking) > 2);
        proxy.Set(Direction.Up, Fault.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ScriptedNats.Patiently(put));
        while (await MessagesAsync(looking) > 2) { Cancellation.ThrowIfCancellationRequested(); }
        AssertSame(Value(ChunkBytes), await looked.GetAsync("a", Most, Cancellation));
    }

    [Fact]
    public async Task A_value_that_was_given_up_when_it_was_stored_is_whole()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var proxy = new FaultProxy(server.Port);
        await using var writing = Open(new($"nats://127.0.0.1:{proxy.Port}"));
        await using var looking = Open(server.Uri);
        var (written, looked) = (await ObjectsAsync(writing), await ObjectsAsync(looking));
        await written.PutAsync("a", Value(2 * ChunkBytes, seed: 0), Cancellation);
        proxy.Set(Direction.Down, new() { Delay = TimeSpan.FromMilliseconds(100) });      // it is there long before its writer knows
        for (var seed = 1; seed < 4; seed++)
        {
            using var stop = new CancellationTokenSource();
            var before = (await looked.FindAsync("a", Cancellation))!.Nuid;
            var put = written.PutAsync("a", Value(2 * ChunkBytes, seed), stop.Token);
            while ((await looked.FindAsync("a", Cancellation))!.Nuid == before) { Cancellation.ThrowIfCancellationRequested(); }
            await stop.CancelAsync();
            await ScriptedNats.Patiently(put);

            AssertSame(Value(2 * ChunkBytes, seed), await looked.GetAsync("a", Most, Cancellation));
            Assert.Equal(3, await MessagesAsync(looking));          // nothing of the one before
        }
    }

    [Fact]
    public async Task Of_values_that_are_stored_under_a_name_at_once_one_stays_and_nothing_of_the_others()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var first = Open(server.Uri);
        await using var second = Open(server.Uri);
        var (one, other) = (await ObjectsAsync(first), await ObjectsAsync(second));
        for (var i = 0; i < 25; i++)
        {
            await ScriptedNats.Patiently(Task.WhenAll(
                one.PutAsync("a", Value(400_000, 2 * i), Cancellation), other.PutAsync("a", Value(400_000, (2 * i) + 1), Cancellation)));
            Assert.Equal(5, await MessagesAsync(first));
        }

        Assert.Equal(400_000, (await one.GetAsync("a", Most, Cancellation))!.Length);
        var deleted = await ScriptedNats.Patiently(Task.WhenAll(one.DeleteAsync("a", Cancellation), other.DeleteAsync("a", Cancellation)));
        Assert.Contains(true, deleted);
        Assert.Equal(1, await MessagesAsync(first));
    }

    [Fact]
    public async Task A_value_that_is_removed_while_another_takes_its_place_leaves_nothing()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var first = Open(server.Uri);
        await using var second = Open(server.Uri);
        var (one, other) = (await ObjectsAsync(first), await ObjectsAsync(second));
        for (var i = 0; i < 25; i++)
        {
            await ScriptedNats.Patiently(Task.WhenAll(
                one.PutAsync("a", Value(2 * ChunkBytes, i), Cancellation), other.DeleteAsync("a", Cancellation)));
            var left = await one.FindAsync("a", Cancellation);
            Assert.Equal(1 + (left?.Chunks ?? 0), await MessagesAsync(first));
        }
    }

    [Fact]
    public async Task Of_values_that_were_given_up_at_any_moment_nothing_stays()
    {
        const int Length = 3_000_000;
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var writing = Open(server.Uri);
        await using var looking = Open(server.Uri);
        var objects = await ObjectsAsync(writing);
        await ObjectsAsync(looking);
        for (var i = 0; i < 40; i++)
        {
            // each name twice, so that a value is given up as the first and in the place of another
            var name = $"{i / 2}";
            var before = await objects.FindAsync(name, Cancellation);
            var there = await MessagesAsync(looking);
            using var stop = new CancellationTokenSource();
            var put = objects.PutAsync(name, Value(Length, i), stop.Token);
            while (!put.IsCompleted && await MessagesAsync(looking) < there + (i / 2)) { Cancellation.ThrowIfCancellationRequested(); }
            await stop.CancelAsync();
            try { await ScriptedNats.Patiently(put); }
            catch (OperationCanceledException e) { Assert.Equal(stop.Token, e.CancellationToken); }

            var after = await objects.FindAsync(name, Cancellation);
            Assert.Equal(there + EntryOf(after) - EntryOf(before), await MessagesAsync(looking));
        }

        static int EntryOf(NatsObject? stored) => stored is null ? 0 : 1 + stored.Chunks;
    }

    [Fact]
    public async Task A_removal_that_was_given_up_when_the_value_was_gone_removes_its_chunks()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var proxy = new FaultProxy(server.Port);
        await using var writing = Open(new($"nats://127.0.0.1:{proxy.Port}"));
        await using var looking = Open(server.Uri);
        var (written, looked) = (await ObjectsAsync(writing), await ObjectsAsync(looking));
        await written.PutAsync("a", Value(2 * ChunkBytes), Cancellation);
        proxy.Set(Direction.Down, new() { Delay = TimeSpan.FromMilliseconds(100) });
        using var stop = new CancellationTokenSource();
        var deleting = written.DeleteAsync("a", stop.Token);
        while (await looked.FindAsync("a", Cancellation) is not null) { Cancellation.ThrowIfCancellationRequested(); }

        await stop.CancelAsync();

        Assert.True(await ScriptedNats.Patiently(deleting));
        Assert.Equal(1, await MessagesAsync(looking));
    }

    [Fact]
    public async Task A_store_that_is_full_refuses_a_value_at_once_and_keeps_nothing_of_it()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await NatsObjects.OpenAsync(transport.JetStream, new() { Name = "B", MaxBytes = 1 << 20 }, Cancellation);
        await objects.PutAsync("a", Value(ChunkBytes), Cancellation);

        var full = await Assert.ThrowsAsync<JetStreamException>(
            () => ScriptedNats.Patiently(objects.PutAsync("b", Value(8 << 20), Cancellation)));

        Assert.Equal("maximum bytes exceeded", full.Description);
        Assert.Equal(2, await MessagesAsync(transport));
        Assert.Null(await objects.FindAsync("b", Cancellation));
        await objects.PutAsync("b", Value(ChunkBytes), Cancellation);
    }

    [Fact]
    public async Task A_name_with_half_of_a_surrogate_pair_is_refused()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        foreach (var name in new[] { "\ud800", "a\udc00b" })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => objects.PutAsync(name, Value(1), Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => objects.GetAsync(name, Most, Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => objects.FindAsync(name, Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => objects.DeleteAsync(name, Cancellation));
        }

        Assert.Equal(0, await MessagesAsync(transport));
    }

    [Fact]
    public async Task The_store_is_of_the_form_that_other_clients_read()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var transport = Open(server.Uri);
        var objects = await ObjectsAsync(transport);
        var value = Value(ChunkBytes + 3);
        var stored = await objects.PutAsync("a>b", value, Cancellation);

        var config = (await transport.JetStream.StreamAsync(Stream, Cancellation))!.Config;
        Assert.Equal(["$O.B.C.>", "$O.B.M.>"], config.Subjects);
        Assert.Equal((true, true, NatsDiscard.New), (config.AllowRollup, config.AllowDirect, config.Discard));
        var second = (await transport.JetStream.MessageAsync(Stream, new(2, null), Cancellation))!;
        Assert.Equal($"$O.B.C.{stored.Nuid}", second.Subject);
        Assert.Equal(value[ChunkBytes..], Convert.FromBase64String(second.Data!));
        var meta = (await transport.JetStream.MessageAsync(Stream, new(3, null), Cancellation))!;
        Assert.Equal("$O.B.M.YT5i", meta.Subject);
        Assert.Contains("Nats-Rollup: sub\r\n", Encoding.ASCII.GetString(Convert.FromBase64String(meta.Hdrs!)), StringComparison.Ordinal);
        var digest = "SHA-256=" + Convert.ToBase64String(SHA256.HashData(value)).Replace('+', '-').Replace('/', '_');
        Assert.Equal(digest, stored.Digest);
        Assert.StartsWith("{\"name\":\"a\\u003Eb\",\"bucket\":\"B\",\"nuid\":\"",
            Encoding.UTF8.GetString(Convert.FromBase64String(meta.Data!)), StringComparison.Ordinal);

        // as another client stores it: chunks of its own size, a digest with padding
        foreach (var part in new[] { value[..9], value[9..] })
        {
            await transport.JetStream.PublishAsync("$O.B.C.theirs", part, default, Cancellation);
        }

        var theirs = $$"""
            {"name":"t","description":"x","bucket":"B","nuid":"theirs","size":{{value.Length}},"chunks":2,"digest":"{{digest}}"}
            """;
        await transport.JetStream.PublishAsync("$O.B.M.dA==", Encoding.UTF8.GetBytes(theirs), default, Cancellation);
        AssertSame(value, await objects.GetAsync("t", Most, Cancellation));
    }

    private static NatsTransport Open(Uri server) => new(new()
    {
        Servers = [server],
        InitialReconnectDelay = TimeSpan.FromMilliseconds(20),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
    });

    private static Task<NatsObjects> ObjectsAsync(NatsTransport transport) =>
        NatsObjects.OpenAsync(transport.JetStream, new() { Name = "B" }, Cancellation);

    private static byte[] Value(int length, int seed = 1)
    {
        var value = new byte[length];
        new Random(seed).NextBytes(value);
        return value;
    }

    private static void AssertSame(byte[] expected, byte[]? actual)
    {
        Assert.Equal(expected.Length, actual?.Length);
        Assert.True(expected.AsSpan().SequenceEqual(actual));
    }

    private static async Task AssertRefusedAsync(NatsObjects objects, string words, int maxBytes = Most)
    {
        var refused = await Assert.ThrowsAsync<InvalidDataException>(
            () => ScriptedNats.Patiently(objects.GetAsync("a", maxBytes, Cancellation)));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The messages of the store; asked again while the server is away.</summary>
    private static async Task<long> MessagesAsync(NatsTransport transport)
    {
        while (true)
        {
            try { return (await transport.JetStream.StreamAsync(Stream, Cancellation))!.State.Messages; }
            catch (TransportException e) when (e.IsTransient) { Cancellation.ThrowIfCancellationRequested(); }
        }
    }

    /// <summary>Removes a message of the store, as somebody with the server's own tool does.</summary>
    private static async Task RemoveMessageAsync(NatsTransport transport, long sequence)
    {
        var connection = transport.JetStream.Connection;
        var pending = connection.Rent();
        var request = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes($$"""{"seq":{{sequence}}}"""));
        var reply = await connection.RequestAsync(
            pending, Encoding.ASCII.GetBytes($"$JS.API.STREAM.MSG.DELETE.{Stream}"), default, default, request, Cancellation);
        Assert.Contains("\"success\":true", Encoding.ASCII.GetString(reply.Payload.ToArray()), StringComparison.Ordinal);
        connection.Return(pending);
    }

    private static async Task UntilNobodyReadsAsync(NatsTransport transport)
    {
        while ((await transport.JetStream.StreamAsync(Stream, Cancellation))!.State.Consumers > 0)
        {
            Cancellation.ThrowIfCancellationRequested();
        }
    }
}
