using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using NATS.Client.KeyValueStore;
using static StreamLearn.Nats.Tests.Registries;

namespace StreamLearn.Nats.Tests;

/// <summary>A registry of models on the real nats-server.</summary>
public sealed class ModelRegistryTests : RegistryServer
{
    private static readonly ModelLineage Nothing = new();

    [Fact]
    public async Task A_version_is_read_as_it_was_registered()
    {
        Assert.Null(await ModelRegistry.FindAsync(Connection, ModelRegistry.DefaultName, Cancellation));
        var registry = await RegistryAsync(Connection);
        Assert.Null(await registry.LatestAsync("pump", Cancellation));
        Assert.Null(await registry.GetAsync("pump", 7, Cancellation));
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var lineage = new ModelLineage
        {
            Base = 6,
            Contributors = ["p1", "p2"],
            Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("accuracy", 0.1).Add("loss", -1e300),
            SchemaHash = ulong.MaxValue,
            Format = "safetensors",
        };
        var made = await registry.AddAsync("pump", 7, content, lineage, Cancellation);

        Assert.Equal(("pump", 7, 300_000, Convert.ToHexStringLower(SHA256.HashData(content))),
            (made.Model, made.Version, made.Bytes, made.Sha256));
        await using var other = Open(Server.Uri);
        var found = (await ModelRegistry.FindAsync(other, "models", Cancellation))!;
        foreach (var there in new[] { await found.GetAsync("pump", 7, Cancellation), await found.LatestAsync("pump", Cancellation) })
        {
            Assert.Equal(made.Created, there!.Created);
            Assert.Equal(made.Sha256, there.Sha256);
            Assert.Equal((lineage.Base, lineage.SchemaHash, lineage.Format),
                (there.Lineage.Base, there.Lineage.SchemaHash, there.Lineage.Format));
            Assert.Equal(lineage.Contributors, there.Lineage.Contributors);
            Assert.Equal(lineage.Metrics, there.Lineage.Metrics);
            Assert.Equal(content, await found.ReadAsync(there, Cancellation));
        }
    }

    [Fact]
    public async Task Text_with_half_of_a_surrogate_pair_is_refused()
    {
        const string Half = "a\ud800";
        var registry = await RegistryAsync(Connection);
        ModelLineage[] lineages =
        [
            new() { Format = Half }, new() { Contributors = ["p1", Half] },
            new() { Metrics = ImmutableSortedDictionary<string, double>.Empty.Add(Half, 1) },
        ];

        await Assert.ThrowsAsync<ArgumentException>(() => registry.AddAsync(Half, 1, default, Nothing, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => registry.AddAsync(Half, null, default, Nothing, Cancellation));
        foreach (var lineage in lineages)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => registry.AddAsync("pump", 1, default, lineage, Cancellation));
        }
        await Assert.ThrowsAsync<ArgumentException>(() => registry.GetAsync(Half, 1, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => registry.LatestAsync(Half, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => registry.SetLatestAsync(Half, 1, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => registry.ListAsync(Half, Cancellation));
        Assert.Empty(await registry.ListAsync(null, Cancellation));
    }

    [Fact]
    public async Task Versions_are_listed_by_model_and_number()
    {
        var registry = await RegistryAsync(Connection);
        Assert.Empty(await registry.ListAsync(null, Cancellation));
        foreach (var (model, version) in new[] { ("pump", 10), ("pump", 2), ("fan", 0), ("pump.a", 1), ("latest", 3) })
        {
            await AddAsync(registry, model, version, $"{model}{version}");
        }
        Assert.Equal(["fan 0", "latest 3", "pump 2", "pump 10", "pump.a 1"], (await registry.ListAsync(null, Cancellation)).Select(Shown));
        Assert.Equal(["pump 2", "pump 10"], (await registry.ListAsync("pump", Cancellation)).Select(Shown));
        Assert.Empty(await registry.ListAsync("pum", Cancellation));
        Assert.Empty(await registry.ListAsync("*", Cancellation));
    }

    [Fact]
    public async Task The_latest_is_the_highest_and_can_be_set_back()
    {
        var registry = await RegistryAsync(Connection);
        Assert.Equal(0, (await AddAsync(registry, "m", null, "a")).Version);
        Assert.Equal(1, (await AddAsync(registry, "m", null, "b")).Version);
        Assert.Equal(9, (await AddAsync(registry, "m", 9, "c")).Version);
        Assert.Equal(4, (await AddAsync(registry, "m", 4, "d")).Version);
        Assert.Equal("m 9", await LatestAsync(registry, "m"));
        Assert.Equal(10, (await AddAsync(registry, "m", null, "e")).Version);
        Assert.Equal(0, (await AddAsync(registry, "other", null, "a")).Version);
        Assert.Equal("m 10", await LatestAsync(registry, "m"));

        await registry.SetLatestAsync("m", 1, Cancellation);
        Assert.Equal("m 1", await LatestAsync(registry, "m"));
        await AddAsync(registry, "m", 5, "f");           // not the highest
        await AddAsync(registry, "m", 10, "e");          // there already
        Assert.Equal("m 1", await LatestAsync(registry, "m"));
        Assert.Equal(11, (await AddAsync(registry, "m", null, "g")).Version);
        Assert.Equal("m 11", await LatestAsync(registry, "m"));
        Assert.Equal("other 0", await LatestAsync(registry, "other"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => registry.SetLatestAsync("m", 2, Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => registry.SetLatestAsync("m", -1, Cancellation));
        Assert.Equal("m 11", await LatestAsync(registry, "m"));
    }

    [Fact]
    public async Task A_pinned_version_stays_the_latest_while_higher_ones_are_registered()
    {
        var registry = await RegistryAsync(Connection);
        for (var version = 1; version <= 3; version++) { await AddAsync(registry, "m", version, $"{version}"); }
        await AddAsync(registry, "other", 1, "1");
        await using var versions = registry.WatchAsync("m", Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal("m 3", await NextAsync(versions));
        Assert.Null(await registry.PinnedAsync("m", Cancellation));

        await registry.PinAsync("m", 2, Cancellation);
        Assert.Equal(("m 2", 2), (await NextAsync(versions), await registry.PinnedAsync("m", Cancellation)));
        Assert.Equal(4, (await AddAsync(registry, "m", null, "4")).Version);
        await AddAsync(registry, "m", 4, "4");       // there already
        await Assert.ThrowsAsync<InvalidOperationException>(() => registry.SetLatestAsync("m", 4, Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => registry.PinAsync("m", 9, Cancellation));
        Assert.Equal("m 2", await LatestAsync(registry, "m"));
        await registry.PinAsync("m", 1, Cancellation);
        Assert.Equal(("m 1", "m 1"), (await NextAsync(versions), await LatestAsync(registry, "m")));

        Assert.True(await registry.UnpinAsync("m", Cancellation));
        Assert.Equal(("m 4", "m 4"), (await NextAsync(versions), await LatestAsync(registry, "m")));
        Assert.False(await registry.UnpinAsync("m", Cancellation));
        await AddAsync(registry, "m", null, "5");
        Assert.Equal(("m 5", "m 5"), (await NextAsync(versions), await LatestAsync(registry, "m")));
        Assert.Equal(["m 1", "m 2", "m 3", "m 4", "m 5", "other 1"], (await registry.ListAsync(null, Cancellation)).Select(Shown));
        Assert.Equal((null, null), (await registry.PinnedAsync("m", Cancellation), await registry.PinnedAsync("other", Cancellation)));
    }

    [Fact]
    public async Task A_pin_wins_over_those_who_register_versions_at_the_same_time()
    {
        await using var another = Open(Server.Uri);
        var (registry, writer) = (await RegistryAsync(Connection), await RegistryAsync(another));
        await AddAsync(registry, "m", 0, "0");
        for (var round = 0; round < 5; round++)
        {
            var writing = Enumerable.Range(0, 3).Select(i => AddAsync(writer, "m", null, $"{round} {i}")).ToList();
            await registry.PinAsync("m", 0, Cancellation);
            await Task.WhenAll(writing);
            Assert.Equal("m 0", await LatestAsync(registry, "m"));
            await registry.UnpinAsync("m", Cancellation);
            Assert.Equal($"m {(round + 1) * 3}", await LatestAsync(registry, "m"));
        }
    }

    [Fact]
    public async Task What_is_known_of_a_pin_does_not_disturb_readers_that_know_none()
    {
        var registry = await RegistryAsync(Connection);
        await AddAsync(registry, "m", 1, "1");
        await AddAsync(registry, "m", 2, "2");
        await registry.PinAsync("m", 1, Cancellation);
        var bucket = await BucketAsync(Connection);
        // they read all keys of two levels, and the latest of each model
        List<string> keys = [];
        await foreach (var key in bucket.GetKeysAsync(["*.*"], cancellationToken: Cancellation)) { keys.Add(key); }
        Assert.Equal(["m.latest", "m.v1", "m.v2"], keys.Order(StringComparer.Ordinal));
        Assert.Equal("1"u8.ToArray(), await ValueAsync(bucket, "m.latest"));
    }

    [Fact]
    public async Task A_version_never_changes()
    {
        var registry = await RegistryAsync(Connection);
        var first = await registry.AddAsync("m", 3, Bytes("a"), Nothing with { Format = "first" }, Cancellation);
        var before = (await MessagesAsync(Connection, "KV_models"), await MessagesAsync(Connection, "OBJ_models"));
        var again = await registry.AddAsync("m", 3, Bytes("a"), Nothing with { Format = "second" }, Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync(registry, "m", 3, "b"));
        Assert.Equal((first.Created, "first"), (again.Created, again.Lineage.Format));
        Assert.Equal(before, (await MessagesAsync(Connection, "KV_models"), await MessagesAsync(Connection, "OBJ_models")));
        Assert.Equal("a", await ReadAsync(registry, first));
    }

    [Fact]
    public async Task A_version_whose_writer_ended_before_it_was_the_latest_becomes_it_when_it_is_registered_again()
    {
        var registry = await RegistryAsync(Connection);
        await AddAsync(registry, "m", 1, "a");
        var bucket = await BucketAsync(Connection);
        var latest = await ValueAsync(bucket, "m.latest");
        await AddAsync(registry, "m", 2, "b");
        await AddAsync(registry, "n", 0, "b");
        // as the writers of m 2 and n 0 left it: what was said last of the latest is older than the version
        var said = await ValueAsync(bucket, "m.v2");
        await bucket.PurgeAsync("m.v2", cancellationToken: Cancellation);
        await bucket.PutAsync("m.latest", latest, cancellationToken: Cancellation);
        await bucket.PutAsync("m.v2", said, cancellationToken: Cancellation);
        await bucket.PurgeAsync("n.latest", cancellationToken: Cancellation);
        Assert.Equal("m 1", await LatestAsync(registry, "m"));

        await AddAsync(registry, "m", 2, "b");
        await AddAsync(registry, "n", 0, "b");

        Assert.Equal("m 2", await LatestAsync(registry, "m"));
        Assert.Equal("n 0", await LatestAsync(registry, "n"));
    }

    [Fact]
    public async Task Writers_at_once_get_different_numbers()
    {
        await using var one = Open(Server.Uri);
        await using var two = Open(Server.Uri);
        var (first, second) = (await RegistryAsync(one), await RegistryAsync(two));
        List<RegisteredModel> made = [];
        for (var round = 0; round < 20; round++)
        {
            made.AddRange(await Patiently(Task.WhenAll(
                AddAsync(first, "m", null, $"one {round}"), AddAsync(second, "m", null, $"two {round}"))));
        }
        Assert.Equal(Enumerable.Range(0, 40).Select(static i => (long)i), made.Select(static v => v.Version).Order());
        for (var i = 0; i < made.Count; i++) { Assert.Equal($"{(i % 2 == 0 ? "one" : "two")} {i / 2}", await ReadAsync(first, made[i])); }

        Assert.Equal("m 39", await LatestAsync(first, "m"));
        // a chunk and what is said of it, of each version; the losers left a mark each that theirs is gone
        var objects = await ObjectsAsync(one);
        var marks = 0;
        await foreach (var stored in objects.ListAsync(new() { ShowDeleted = true }, Cancellation)) { marks += stored.Deleted ? 1 : 0; }
        Assert.Equal((2 * 40) + marks, await MessagesAsync(one, "OBJ_models"));
    }

    [Fact]
    public async Task Of_writers_of_one_number_one_wins_and_its_bytes_stay()
    {
        await using var one = Open(Server.Uri);
        await using var two = Open(Server.Uri);
        var (first, second) = (await RegistryAsync(one), await RegistryAsync(two));
        for (var version = 0; version < 20; version++)
        {
            var others = version % 2 == 0;
            Task<RegisteredModel>[] adding = [AddAsync(first, "m", version, "a"), AddAsync(second, "m", version, others ? "b" : "a")];
            foreach (var add in adding) { await Patiently(Task.WhenAny(add)); }
            var done = adding.Where(static a => a.IsCompletedSuccessfully).ToList();
            Assert.Equal(others ? 1 : 2, done.Count);
            Assert.All(adding.Except(done), static a => Assert.IsType<InvalidOperationException>(a.Exception!.InnerException));
            var there = (await first.GetAsync("m", version, Cancellation))!;
            Assert.All(done, d => Assert.Equal(there.Sha256, d.Result.Sha256));
            Assert.Equal(others && done[0] == adding[1] ? "b" : "a", await ReadAsync(second, there));
        }
    }

    [Fact]
    public async Task A_watch_tells_the_latest_and_each_that_becomes_it_over_a_restart_of_the_server()
    {
        await using var watching = Open(Server.Uri);
        await using var writing = Open(Server.Uri);
        var (watched, written) = (await RegistryAsync(watching), await RegistryAsync(writing));
        await AddAsync(written, "m", 0, "a");
        await AddAsync(written, "m", 1, "b");
        await AddAsync(written, "other", 5, "b");
        using var end = new CancellationTokenSource();
        await using var one = watched.WatchAsync("m", end.Token).GetAsyncEnumerator(Cancellation);
        await using var all = watched.WatchAsync(null, end.Token).GetAsyncEnumerator(Cancellation);
        Assert.Equal("m 1", await NextAsync(one));
        Assert.Equal(["m 1", "other 5"], new[] { await NextAsync(all), await NextAsync(all) });

        for (var version = 2; version < 6; version++)
        {
            if (version % 2 == 0) { await Server.KillAsync(); }
            else { await Server.StopAsync(); }
            await Server.StartAgainAsync();
            var made = await Patiently(AddPatientlyAsync(written, "m", version));
            Assert.Equal($"m {version}", await NextAsync(one));
            Assert.Equal($"m {version}", await NextAsync(all));
            Assert.Equal($"{version}", await ReadAsync(watched, made));
        }
        await written.SetLatestAsync("m", 0, Cancellation);
        Assert.Equal("m 0", await NextAsync(one));
        await AddAsync(written, "other", 4, "x");           // not the latest
        await AddAsync(written, "other", 6, "y");
        Assert.Equal(["m 0", "other 6"], new[] { await NextAsync(all), await NextAsync(all) });
        var (last, lastOfAll) = (one.MoveNextAsync().AsTask(), all.MoveNextAsync().AsTask());
        await end.CancelAsync();
        Assert.False(await Patiently(last));
        Assert.False(await Patiently(lastOfAll));
    }

    [Theory, InlineData("a/b.c *>ä"), InlineData("x\r\nPUB y 0\r\n"), InlineData("=2E"), InlineData("."), InlineData("latest")]
    [InlineData("v1"), InlineData("\u6f22\U0001f600\"\\\0")]
    public async Task A_model_has_any_name(string name)
    {
        var registry = await RegistryAsync(Connection);
        await AddAsync(registry, "a", 0, "of another");
        await AddAsync(registry, name, null, "x");
        var made = await AddAsync(registry, name, null, "y");
        Assert.Equal((name, 1), (made.Model, made.Version));
        Assert.Equal($"{name} 1", await LatestAsync(registry, name));
        Assert.Equal([$"{name} 0", $"{name} 1"], (await registry.ListAsync(name, Cancellation)).Select(Shown));
        Assert.Equal("y", await ReadAsync(registry, made));
        Assert.Equal("a 0", await LatestAsync(registry, "a"));
        Assert.Equal(3, (await registry.ListAsync(null, Cancellation)).Count);
    }

    [Fact]
    public async Task What_cannot_be_registered_is_refused()
    {
        var registry = await RegistryAsync(Connection);
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            var lineage = Nothing with { Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("loss", value) };
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => registry.AddAsync("m", 0, Bytes("a"), lineage, Cancellation));
            Assert.Contains("'loss'", refused.Message, StringComparison.Ordinal);
        }
        await Assert.ThrowsAnyAsync<ArgumentException>(() => AddAsync(registry, "m", -1, "a"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => AddAsync(registry, "", 0, "a"));
        Assert.Equal((0, 0), (await MessagesAsync(Connection, "KV_models"), await MessagesAsync(Connection, "OBJ_models")));
    }

    [Fact]
    public async Task Bytes_that_are_missing_or_damaged_are_refused()
    {
        var registry = await RegistryAsync(Connection);
        var objects = await ObjectsAsync(Connection);
        var made = await AddAsync(registry, "m", 0, "good");

        foreach (var other in new[] { "baad", "goo", "goods" })
        {
            await objects.PutAsync($"m/0/{made.Sha256}", Bytes(other), Cancellation);
            await Assert.ThrowsAsync<InvalidDataException>(() => registry.ReadAsync(made, Cancellation));
        }
        var stream = await StreamAsync(Connection, "OBJ_models");
        await stream.PurgeAsync(new() { Filter = "$O.models.C.>" }, Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => registry.ReadAsync(made, Cancellation));
        await objects.DeleteAsync($"m/0/{made.Sha256}", Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => registry.ReadAsync(made, Cancellation));
        Assert.Equal("m 0", await LatestAsync(registry, "m"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"model\":\"m\",\"version\":0,\"lineage\":null,\"created\":\"2026-01-01T00:00:00Z\",\"bytes\":1,\"sha256\":\"00\"}")]
    [InlineData("{\"model\":\"m\",\"version\":0,\"lineage\":{},\"created\":\"2026-01-01T00:00:00Z\",\"bytes\":1,\"sha256\":null}")]
    [InlineData("{\"model\":\"m\",\"version\":1,\"lineage\":{},\"created\":\"2026-01-01T00:00:00Z\",\"bytes\":1,\"sha256\":\"00\"}")]
    [InlineData("{\"model\":\"n\",\"version\":0,\"lineage\":{},\"created\":\"2026-01-01T00:00:00Z\",\"bytes\":1,\"sha256\":\"00\"}")]
    [InlineData("{\"model\":\"\",\"version\":0,\"lineage\":{},\"created\":\"2026-01-01T00:00:00Z\",\"bytes\":1,\"sha256\":\"00\"}")]
    public async Task What_is_said_of_a_version_by_somebody_else_is_refused_if_it_is_none(string json)
    {
        var registry = await RegistryAsync(Connection);
        var bucket = await BucketAsync(Connection);
        await bucket.PutAsync("m.v0", Bytes(json), cancellationToken: Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => registry.GetAsync("m", 0, Cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(() => registry.ListAsync(null, Cancellation));
    }

    [Fact]
    public async Task What_another_program_left_out_has_its_default()
    {
        var registry = await RegistryAsync(Connection);
        var bucket = await BucketAsync(Connection);
        const string Said = """{"model":"m","version":0,"lineage":{},"created":"2026-01-01T00:00:00Z","bytes":1,"sha256":"00"}""";
        await bucket.PutAsync("m.v0", Bytes(Said), cancellationToken: Cancellation);
        await bucket.PutAsync("m.latest", Bytes("no number"), cancellationToken: Cancellation);

        var lineage = (await registry.GetAsync("m", 0, Cancellation))!.Lineage;

        Assert.Equal(("", null, null), (lineage.Format, lineage.Base, lineage.SchemaHash));
        Assert.Empty(lineage.Contributors);
        Assert.Empty(lineage.Metrics);
        Assert.Null(await registry.LatestAsync("m", Cancellation));
        await AddAsync(registry, "m", null, "x");
        Assert.Equal("m 1", await LatestAsync(registry, "m"));
    }

    private static async Task<byte[]> ValueAsync(INatsKVStore bucket, string key) =>
        (await bucket.GetEntryAsync<byte[]>(key, cancellationToken: Cancellation)).Value!;

    /// <summary>Registers a version; again when the server went away meanwhile.</summary>
    private static async Task<RegisteredModel> AddPatientlyAsync(ModelRegistry registry, string model, long version)
    {
        while (true)
        {
            try { return await AddAsync(registry, model, version, version.ToString(CultureInfo.InvariantCulture)); }
            catch (TransportException e) when (e.IsTransient) { Cancellation.ThrowIfCancellationRequested(); }
        }
    }
}
