using System.Globalization;
using System.Security.Cryptography;
using NATS.Client.Core;
using static StreamLearn.Nats.Tests.Registries;

namespace StreamLearn.Nats.Tests;

/// <summary>A registry whose server is killed, whose writers give up, and whose store is damaged or full.</summary>
public sealed class RegistryLossTests : RegistryServer
{
    private const int ChunkBytes = 128 * 1024;
    private const string Objects = "OBJ_models";

    [Fact]
    public async Task A_registry_of_an_earlier_version_is_read_and_written()
    {
        var registry = await RegistryAsync(Connection);
        var jetStream = new NatsJSContext(Connection);
        foreach (var line in await File.ReadAllLinesAsync(Path.Join("Registry", "registry-of-0.1.0.txt"), Cancellation))
        {
            var (subject, header, value) = line.Split('\t') switch { var parts => (parts[0], parts[1], parts[2]) };
            var headers = header.Length == 0 ? null : new NATS.Client.Core.NatsHeaders { [header.Split(": ")[0]] = header.Split(": ")[1] };
            var bytes = value.StartsWith("zeros:", StringComparison.Ordinal)
                ? new byte[int.Parse(value.AsSpan("zeros:".Length), CultureInfo.InvariantCulture)] : Bytes(value);
            (await jetStream.PublishAsync(subject, bytes, NatsRawSerializer<byte[]>.Default, headers: headers,
                cancellationToken: Cancellation)).EnsureSuccess();
        }
        var versions = await registry.ListAsync(null, Cancellation);
        Assert.Equal(["a/b.c *>ä 0", "fan 0", "fan 1", "pump 1", "pump 2"], versions.Select(Shown));
        Assert.Equal(["of any name", new string('\0', 140_000), "", "first", "second"],
            await Task.WhenAll(versions.Select(v => ReadAsync(registry, v))));
        var second = versions[^1].Lineage;
        Assert.Equal((1, "onnx", ulong.MaxValue), (second.Base, second.Format, second.SchemaHash));
        Assert.Equal((2, -1e300), (second.Contributors.Length, second.Metrics["loss"]));
        Assert.Equal(("pump 1", "fan 0"), (await LatestAsync(registry, "pump"), await LatestAsync(registry, "fan")));
        Assert.Equal((1, null), (await registry.PinnedAsync("pump", Cancellation), await registry.PinnedAsync("fan", Cancellation)));
        Assert.Equal(versions[3].Created, (await AddAsync(registry, "pump", 1, "first")).Created);
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync(registry, "pump", 2, "other"));
        Assert.Equal(2, (await AddAsync(registry, "fan", null, "third")).Version);
        Assert.Equal(("pump 1", "fan 2"), (await LatestAsync(registry, "pump"), await LatestAsync(registry, "fan")));
    }

    [Fact]
    public async Task What_is_written_has_the_layout_of_earlier_versions()
    {
        var registry = await RegistryAsync(Connection);
        var content = Model(ChunkBytes + 3);
        var made = await registry.AddAsync("a>b", 7, content, new(), Cancellation);

        var (entries, objects) = (await StreamAsync(Connection, "KV_models"), await StreamAsync(Connection, Objects));
        Assert.Equal(["$KV.models.>"], entries.Info.Config.Subjects!);
        Assert.Equal((1L, true, true, true), (entries.Info.Config.MaxMsgsPerSubject,
            entries.Info.Config.AllowDirect, entries.Info.Config.AllowRollupHdrs, entries.Info.Config.DenyDelete));
        Assert.Equal(["$O.models.C.>", "$O.models.M.>"], objects.Info.Config.Subjects!);
        Assert.Equal((3, true, false), (objects.Info.State.Messages, objects.Info.Config.AllowRollupHdrs, objects.Info.Config.DenyDelete));
        var last = (await entries.GetAsync(new() { LastBySubj = "$KV.models.a=3Eb.v7" }, Cancellation)).Message;
        Assert.StartsWith("{\"model\":\"a\\u003Eb\",\"version\":7,\"lineage\":{", Encoding.UTF8.GetString(last.Data.Span));
        var name = $"a>b/7/{made.Sha256}";
        var stored = (await objects.GetAsync(
            new() { LastBySubj = $"$O.models.M.{Convert.ToBase64String(Bytes(name)).Replace('+', '-').Replace('/', '_')}" },
            Cancellation)).Message;
        var digest = Convert.ToBase64String(SHA256.HashData(content)).Replace('+', '-').Replace('/', '_');
        Assert.Contains($"\"digest\":\"SHA-256={digest}\"", Encoding.UTF8.GetString(stored.Data.Span), StringComparison.Ordinal);
        var info = await (await ObjectsAsync(Connection)).GetInfoAsync(name, cancellationToken: Cancellation);
        Assert.Equal((2u, (ulong)content.Length, (int?)ChunkBytes), (info.Chunks, info.Size, info.Options!.MaxChunkSize));
        Assert.Equal(content[ChunkBytes..],
            (await objects.GetAsync(new() { LastBySubj = $"$O.models.C.{info.Nuid}" }, Cancellation)).Message.Data.ToArray());
    }

    [Fact]
    public async Task A_version_is_whole_when_the_server_was_killed_while_it_was_registered()
    {
        await using var writing = Open(Server.Uri);
        await using var looking = Open(Server.Uri);
        var (written, looked) = (await RegistryAsync(writing), await RegistryAsync(looking));
        await AddAsync(written, "m", 0, "before");
        for (var (kills, version) = (0, 1); kills < 3; version++)
        {
            var content = Model((24 << 20) + 1, version);
            var there = await MessagesAsync(looking, Objects);
            var adding = written.AddAsync("m", version, content, new(), Cancellation);
            while (!adding.IsCompleted && await MessagesAsync(looking, Objects) <= there + (20 * kills)) { }
            await Server.KillAsync();
            kills += adding.IsCompleted ? 0 : 1;
            await Server.StartAgainAsync();

            var made = await Patiently(adding);
            Assert.Equal(content, await looked.ReadAsync(made, Cancellation));
            Assert.Equal($"m {version}", await LatestAsync(looked, "m"));
            // of what was stored before the kill nothing is left
            Assert.Equal(there + 193 + 1, await MessagesAsync(looking, Objects));
        }
    }

    [Fact]
    public async Task A_version_whose_answers_are_lost_is_registered_once()
    {
        const int Count = 10;
        await using var proxy = new FaultProxy(Server.Port);
        await using var writing = Open(new Uri($"nats://127.0.0.1:{proxy.Port}"));
        await using var looking = Open(Server.Uri);
        var (written, looked) = (await RegistryAsync(writing), await RegistryAsync(looking));
        for (var i = 0; i < Count; i++)
        {
            proxy.Set(Direction.Down, new() { Delay = TimeSpan.FromMilliseconds(50) });     // it is stored long before its writer knows
            var adding = AddAsync(written, "m", null, $"{i}");
            while (await looked.GetAsync("m", i, Cancellation) is null) { Assert.False(adding.IsCompleted); }
            proxy.Set(Direction.Down, Fault.None);
            proxy.Cut();
            Assert.Equal(i, (await Patiently(adding)).Version);
        }
        var versions = await looked.ListAsync("m", Cancellation);
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"m {i}"), versions.Select(Shown));
        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"{i}"), await Task.WhenAll(versions.Select(v => ReadAsync(looked, v))));
        Assert.Equal(2 * Count, await MessagesAsync(looking, Objects));
    }

    [Fact]
    public async Task A_version_is_read_although_the_server_is_killed_meanwhile()
    {
        await using var proxy = new FaultProxy(Server.Port);
        await using var writing = Open(Server.Uri);
        await using var reading = Open(new Uri($"nats://127.0.0.1:{proxy.Port}"));
        var (written, read) = (await RegistryAsync(writing), await RegistryAsync(reading));
        var content = Model(24 << 20);
        var made = await written.AddAsync("m", 0, content, new(), Cancellation);
        for (var kills = 0; kills < 2;)
        {
            var before = proxy.Bytes(Direction.Down);
            var reads = read.ReadAsync(made, Cancellation);
            while (!reads.IsCompleted && proxy.Bytes(Direction.Down) < before + (1 << 20)) { await Task.Yield(); }
            await Server.KillAsync();
            kills += reads.IsCompleted ? 0 : 1;
            await Server.StartAgainAsync();
            Assert.Equal(content, await Patiently(reads));
        }
    }

    [Fact]
    public async Task Of_a_version_that_was_given_up_at_any_moment_nothing_stays_or_all_does()
    {
        await using var writing = Open(Server.Uri);
        await using var looking = Open(Server.Uri);
        var registry = await RegistryAsync(writing);
        for (var version = 0; version < 30; version++)
        {
            var there = await MessagesAsync(looking, Objects);
            using var stop = new CancellationTokenSource();
            var adding = registry.AddAsync("m", version, Model(3_000_000, version), new(), stop.Token);
            while (!adding.IsCompleted && await MessagesAsync(looking, Objects) < there + version) { }
            await stop.CancelAsync();
            try { await Patiently(adding); }
            catch (OperationCanceledException) { }

            // chunks without what is said of them never stay; an object without an entry does until the version is registered again
            Assert.Contains(await MessagesAsync(looking, Objects) - there, new long[] { 0, 24 });
            var made = await registry.AddAsync("m", version, Model(3_000_000, version), new(), Cancellation);
            Assert.Equal(Model(3_000_000, version), await registry.ReadAsync(made, Cancellation));
            Assert.Equal(there + 24, await MessagesAsync(looking, Objects));
        }
    }

    [Fact]
    public async Task A_version_whose_writer_ended_between_its_bytes_and_its_entry_is_registered_later()
    {
        var registry = await RegistryAsync(Connection);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Bytes("a")));
        await (await ObjectsAsync(Connection)).PutAsync($"m/0/{sha256}", Bytes("a"), Cancellation);
        Assert.Empty(await registry.ListAsync(null, Cancellation));
        Assert.Null(await registry.LatestAsync("m", Cancellation));
        var made = await AddAsync(registry, "m", null, "a");
        Assert.Equal(("m 0", "a"), (await LatestAsync(registry, "m"), await ReadAsync(registry, made)));
        Assert.Equal(2, await MessagesAsync(Connection, Objects));
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(3, null)]
    [InlineData(3, ChunkBytes)]         // other bytes
    [InlineData(3, ChunkBytes - 1)]
    [InlineData(3, ChunkBytes + 1)]
    public async Task A_model_of_which_a_chunk_is_missing_or_was_changed_is_refused(int chunk, int? length)
    {
        var registry = await RegistryAsync(Connection);
        var content = Model(3 * ChunkBytes);
        var made = await registry.AddAsync("m", 0, content, new(), Cancellation);
        var stream = await StreamAsync(Connection, Objects);
        await stream.DeleteMessageAsync(new() { Seq = (ulong)chunk }, Cancellation);
        if (length is { } bytes)
        {
            var stored = await (await ObjectsAsync(Connection)).GetInfoAsync($"m/0/{made.Sha256}", cancellationToken: Cancellation);
            var changed = new byte[bytes];
            content.AsSpan(2 * ChunkBytes, Math.Min(bytes, ChunkBytes)).CopyTo(changed);
            changed[^1] ^= 1;
            (await PublishAsync(Connection, $"$O.models.C.{stored.Nuid}", changed)).EnsureSuccess();
        }
        await Assert.ThrowsAsync<InvalidDataException>(() => Patiently(registry.ReadAsync(made, Cancellation)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"name\":null,\"bucket\":\"models\",\"nuid\":\"x\"}")]
    [InlineData("{\"name\":\"%\",\"bucket\":\"models\"}")]
    [InlineData("{\"name\":\"%\",\"bucket\":\"models\",\"nuid\":\"x\",\"size\":-1}")]
    [InlineData("{\"name\":\"%\",\"bucket\":\"models\",\"nuid\":\"x\",\"size\":9223372036854775807,\"chunks\":1}")]
    [InlineData("{\"name\":\"%\",\"bucket\":\"models\",\"nuid\":\"x\",\"size\":1,\"chunks\":0}")]
    [InlineData("{\"name\":\"%\",\"bucket\":\"models\",\"nuid\":\"x\",\"size\":1,\"chunks\":-1}")]
    [InlineData("{\"name\":\"%\",\"bucket\":\"models\",\"nuid\":\"a b\",\"size\":1,\"chunks\":1}")]
    [InlineData("{\"name\":\"%\",\"bucket\":\"models\",\"nuid\":\"*\",\"size\":1,\"chunks\":1}")]
    [InlineData("{\"name\":\"%\",\"nuid\":\"x\",\"options\":{\"link\":{\"bucket\":\"models\",\"name\":\"%\"}},\"size\":1}")]
    public async Task A_model_of_which_something_else_is_said_is_refused(string json)
    {
        var registry = await RegistryAsync(Connection);
        var made = await AddAsync(registry, "m", 0, "a");
        var name = $"m/0/{made.Sha256}";
        var subject = $"$O.models.M.{Convert.ToBase64String(Bytes(name)).Replace('+', '-').Replace('/', '_')}";
        (await PublishAsync(Connection, subject, Bytes(json.Replace("%", name, StringComparison.Ordinal)))).EnsureSuccess();
        await Assert.ThrowsAsync<InvalidDataException>(() => Patiently(registry.ReadAsync(made, Cancellation)));
    }

    [Fact]
    public async Task A_model_larger_than_its_entry_says_is_refused_before_its_bytes_are_taken()
    {
        await using var proxy = new FaultProxy(Server.Port);
        await using var writing = Open(Server.Uri);
        await using var reading = Open(new Uri($"nats://127.0.0.1:{proxy.Port}"));
        var (written, read) = (await RegistryAsync(writing), await RegistryAsync(reading));
        var made = await written.AddAsync("m", 0, Model(4 << 20), new(), Cancellation);
        foreach (var bytes in new[] { made.Bytes - 1, 0, -1, long.MaxValue })
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => read.ReadAsync(made with { Bytes = bytes }, Cancellation));
        }
        Assert.InRange(proxy.Bytes(Direction.Down), 1, ChunkBytes);
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(-1)]        // the server's own limit
    public async Task A_store_that_is_full_refuses_at_once_and_keeps_nothing(int maxBytes)
    {
        using var folder = new TemporaryFolder();
        await using var server = await RealNats.StartAsync(maxBytes > 0 ? new() { JetStream = true }
            : new() { More = [$"jetstream {{ store_dir: \"{folder.Path}\", max_file_store: 1MB }}"] });
        await using var connection = Open(server.Uri);
        var registry = await ModelRegistry.OpenAsync(connection, ModelRegistry.DefaultName, maxBytes, replicas: 1, Cancellation);
        await registry.AddAsync("m", 0, Model(300_000), new(), Cancellation);

        var full = await Assert.ThrowsAsync<TransportException>(
            () => Patiently(registry.AddAsync("m", 1, Model(8 << 20), new(), Cancellation)));

        Assert.False(full.IsTransient);
        Assert.Contains(maxBytes > 0 ? "maximum bytes exceeded" : "insufficient resources", full.Message, StringComparison.Ordinal);
        Assert.Equal(4, await MessagesAsync(connection, Objects));
        Assert.Equal("m 0", await LatestAsync(registry, "m"));
        if (maxBytes < 0) { return; }       // the server counts what was removed for some time
        await registry.AddAsync("m", 1, Model(300_000), new(), Cancellation);
    }

    [Fact]
    public async Task A_watch_tells_each_change_once_although_its_connection_is_cut_and_ends_when_the_registry_is_gone()
    {
        await using var proxy = new FaultProxy(Server.Port);
        await using var watching = Open(new Uri($"nats://127.0.0.1:{proxy.Port}"));
        await using var writing = Open(Server.Uri);
        var (watched, written) = (await RegistryAsync(watching), await RegistryAsync(writing));
        await AddAsync(written, "m", 0, "0");
        await using var versions = watched.WatchAsync(null, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal("m 0", await NextAsync(versions));
        for (var version = 1; version < 6; version++)
        {
            var next = versions.MoveNextAsync().AsTask();
            proxy.Cut();
            await AddAsync(written, "m", version, $"{version}");
            Assert.True(await Patiently(next));
            Assert.Equal($"m {version}", Shown(versions.Current));
        }
        var last = versions.MoveNextAsync().AsTask();
        await (await StreamAsync(writing, "KV_models")).DeleteAsync(Cancellation);
        proxy.Cut();
        var gone = await Assert.ThrowsAsync<TransportException>(() => Patiently(last));
        Assert.False(gone.IsTransient);
    }

    [Fact]
    public async Task In_a_cluster_a_registry_is_used_while_one_server_is_dead()
    {
        await using var cluster = await RealNatsCluster.StartAsync();
        await using var connection = Open([.. cluster.Uris]);
        var registry = await ModelRegistry.OpenAsync(connection, ModelRegistry.DefaultName, maxBytes: -1, replicas: 3, Cancellation);
        await AddAsync(registry, "m", 0, "0");
        await AddAsync(registry, "m", 1, "1");
        await cluster.KillAsync(0);     // the one that the client is connected to
        await registry.PinAsync("m", 0, Cancellation);
        Assert.Equal("m 0", await LatestAsync(registry, "m"));
        var made = await Patiently(AddAsync(registry, "m", null, "2"));
        Assert.Equal((2, "2"), (made.Version, await Patiently(ReadAsync(registry, made))));
        Assert.Equal("m 0", await LatestAsync(registry, "m"));
    }

    [Fact]
    public async Task A_registry_without_JetStream_or_server_or_login_is_refused_with_the_reason()
    {
        await using var plain = await RealNats.StartAsync();
        await using var connection = Open(plain.Uri);
        var none = await Assert.ThrowsAsync<TransportException>(() => Patiently(RegistryAsync(connection)));
        Assert.Equal((false, "registry 'models': the server has no JetStream"), (none.IsTransient, none.Message));
        await using var server = await RealNats.StartAsync(new() { JetStream = true, Login = ("looker", "s3cret") });
        await using var stranger = Open(server.Uri);
        var refused = await Assert.ThrowsAsync<TransportException>(() => Patiently(RegistryAsync(stranger)));
        Assert.Contains("the login was refused", refused.Message, StringComparison.Ordinal);
        await using var known = Open(new Uri($"nats://looker:s3cret@127.0.0.1:{server.Port}"));
        await AddAsync(await RegistryAsync(known), "m", 0, "a");
        var nowhere = new NatsOptions { Servers = [new($"nats://a:marked@127.0.0.1:{LoopbackPort.Take()}")] };
        var absent = await Assert.ThrowsAsync<TransportException>(() => nowhere.ConnectAsync(Cancellation));
        Assert.Matches("^cannot reach nats://127.0.0.1:[0-9]+: ConnectionRefused$", absent.Message);
        await Assert.ThrowsAsync<ArgumentException>(() => ModelRegistry.OpenAsync(known, "a.b", -1, 1, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => ModelRegistry.FindAsync(known, "a*", Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ModelRegistry.OpenAsync(known, "a", -1, 6, Cancellation));
    }

    private static byte[] Model(int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }
}
