using System.Collections.Immutable;
using System.Text;
using NATS.Client.JetStream;
using StreamLearn.Nats;

namespace Tool.Tests;

/// <summary>Versions of models that are listed, shown and taken out of a registry on the real nats-server.</summary>
public sealed class ModelsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Versions_are_listed_with_the_latest_marked()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server, static async registry => await registry.SetLatestAsync("pump", 1, Cancellation));

        var (exitCode, output, error) = await LinkTests.RunAsync(["models", "ls", Link(server)]);

        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal(["model", "version", "base", "bytes", "registered", "(UTC)", "format", "metrics"], Words(lines[0]));
        Assert.Equal(["fan", "0", "*", "-", "3", "-"], Without(Words(lines[1]), 5, 6));
        Assert.Equal(["pump", "1", "*", "-", "4,000", "safetensors", "accuracy=0.5"], Without(Words(lines[2]), 5, 6));
        Assert.Equal(["pump", "2", "+", "1", "5", "onnx", "a=1", "accuracy=0.75", "b=2", "..."], Without(Words(lines[3]), 5, 6));
        var one = await LinkTests.RunAsync(["models", "ls", Link(server) + "/", "--model", "fan"]);
        Assert.Equal((0, 2, ""), (one.ExitCode, one.Output.TrimEnd('\n').Split('\n').Length, one.Error));
    }

    [Fact]
    public async Task The_most_accurate_version_is_the_best_and_not_the_newest()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server, static async registry => await registry.AddAsync("pump", 3, "abc"u8.ToArray(),
            new() { Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("accuracy", 0.7) }, Cancellation));

        var lines = (await LinkTests.RunAsync(["models", "ls", Link(server), "--model", "pump"])).Output.Split('\n');

        Assert.Equal(["pump", "2", "+"], Words(lines[2])[..3]);
        Assert.Equal(["pump", "3", "*"], Words(lines[3])[..3]);
        var shown = await LinkTests.RunAsync(["models", "show", "pump", Link(server), "--version", "2"]);
        Assert.Contains("version       2 (best)\n", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_pinned_and_unpinned()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server);

        Assert.Equal((0, "model 'pump': version 1 is the latest, and pinned\n", ""),
            await LinkTests.RunAsync(["models", "pin", "pump", Link(server), "--version", "1"]));
        var listed = (await LinkTests.RunAsync(["models", "ls", Link(server), "--model", "pump"])).Output.Split('\n');
        Assert.Equal(["pump", "1", "*!"], Words(listed[1])[..3]);
        var shown = await LinkTests.RunAsync(["models", "show", "pump", Link(server)]);
        Assert.Contains("version       1 (latest, pinned)\n", shown.Output, StringComparison.Ordinal);
        var json = await LinkTests.RunAsync(["models", "show", "pump", Link(server), "--version", "2", "--output", "jsonl"]);
        Assert.False(JsonDocument.Parse(json.Output).RootElement.GetProperty("pinned").GetBoolean());
        Assert.Equal((0, "model 'pump': version 1 is the latest, and pinned\n", ""),
            await LinkTests.RunAsync(["models", "pin", "pump", Link(server)]));

        Assert.Equal((0, "model 'pump': unpinned, version 2 is the latest\n", ""),
            await LinkTests.RunAsync(["models", "unpin", "pump", Link(server)]));
        Assert.Equal((0, "model 'pump': was not pinned, version 2 is the latest\n", ""),
            await LinkTests.RunAsync(["models", "unpin", "pump", Link(server)]));
        var missing = await LinkTests.RunAsync(["models", "pin", "pump", Link(server), "--version", "7"]);
        Assert.Equal((1, "", "streamlearn: model 'pump' has no version 7: it has 1 to 2\n"), missing);
        var nobody = await LinkTests.RunAsync(["models", "unpin", "nobody", Link(server)]);
        Assert.Equal((1, ""), (nobody.ExitCode, nobody.Output));
    }

    [Fact]
    public async Task Versions_are_JSON_a_line_each()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server);

        var (exitCode, output, error) = await LinkTests.RunAsync(["models", "ls", Link(server), "--output", "jsonl"]);

        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.TrimEnd('\n').Split('\n').Select(static l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(["fan 0 True", "pump 1 False", "pump 2 True"],
            lines.Select(static l => $"{l.GetProperty("model")} {l.GetProperty("version")} {l.GetProperty("latest")}"));
        Assert.Equal((1, "00000000000000ff", "[\"p1\",\"p2\"]", 4),
            (lines[2].GetProperty("base").GetInt64(), lines[2].GetProperty("schema_hash").GetString(),
                lines[2].GetProperty("contributors").GetRawText(), lines[2].GetProperty("metrics").EnumerateObject().Count()));
        Assert.False(lines[0].TryGetProperty("base", out _));
        var shown = await LinkTests.RunAsync(["models", "show", "pump", Link(server), "--output", "jsonl"]);
        Assert.Equal((0, output.Split('\n')[2] + "\n", ""), shown);
    }

    [Fact]
    public async Task All_of_a_version_is_shown()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server);

        var (exitCode, output, error) = await LinkTests.RunAsync(["models", "show", "pump", Link(server)]);

        Assert.Equal((0, ""), (exitCode, error));
        foreach (var line in new[]
        {
            "model         pump", "version       2 (latest, best)", "base          1", "bytes         5", "format        onnx",
            "row schema    00000000000000ff", "contributors  p1, p2", "metric        accuracy=0.75", "metric        c=3",
            "sha256        36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c",
        })
        {
            Assert.Contains($"{line}\n", output, StringComparison.Ordinal);
        }

        var first = await LinkTests.RunAsync(["models", "show", "pump", Link(server), "--version", "1"]);
        Assert.Contains("version       1\nbase          -\n", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_written_into_a_file_that_is_not_there_yet()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server);
        var file = Path.Combine(_folder, "pump.bin");
        string[] export = ["models", "export", "pump", Link(server), "--to", file];

        Assert.Equal((0, $"{file}: 5 bytes, model 'pump' version 2\n", ""), await LinkTests.RunAsync(export));
        Assert.Equal("abcde", await File.ReadAllTextAsync(file, Cancellation));
        Assert.Equal((1, "", $"streamlearn: {file} already exists; --force overwrites it\n"),
            await LinkTests.RunAsync([.. export, "--version", "1"]));
        Assert.Equal("abcde", await File.ReadAllTextAsync(file, Cancellation));
        Assert.Equal(0, (await LinkTests.RunAsync([.. export, "--version", "1", "--force"])).ExitCode);
        Assert.Equal(new string('x', 4000), await File.ReadAllTextAsync(file, Cancellation));
        Assert.Equal(0, (await LinkTests.RunAsync([.. export, "--force"])).ExitCode);
        Assert.Equal("abcde", await File.ReadAllTextAsync(file, Cancellation));
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Nothing_but_the_named_file_is_written()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server);
        var (aside, link) = (Path.Combine(_folder, "aside"), Path.Combine(_folder, "link"));
        await File.WriteAllTextAsync(aside, "kept", Cancellation);
        File.CreateSymbolicLink(link, aside);

        foreach (var to in new[] { link, _folder, Path.Combine(_folder, "none", "x") })
        {
            var (exitCode, output, error) = await LinkTests.RunAsync(["models", "export", "pump", Link(server), "--to", to, "--force"]);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Single(error.TrimEnd().Split('\n'));
        }

        Assert.Equal("kept", await File.ReadAllTextAsync(aside, Cancellation));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder).Length);
    }

    [Theory]
    [InlineData("pump", "safetensors", "pump-v3.safetensors")]
    [InlineData("pump", "safetensors int8", "pump-v3.safetensors")]
    [InlineData("../../etc/passwd", "../x", "etc-passwd-v3.bin")]
    [InlineData("/abs", "", "abs-v3.bin")]
    [InlineData("..", "onnx", "model-v3.onnx")]
    [InlineData("a\u001b[2J\nä b", "o\nnx", "a--2J---b-v3.bin")]
    [InlineData("--force", "bin", "force-v3.bin")]
    public void A_file_has_a_plain_name_by_default(string model, string format, string expected) =>
        Assert.Equal(expected, RegisteredText.FileName(new()
        {
            Model = model,
            Version = 3,
            Lineage = new() { Format = format },
            Created = default,
            Bytes = 0,
            Sha256 = "",
        }));

    [Fact]
    public async Task What_others_registered_cannot_move_the_cursor()
    {
        const string Evil = "x\u001b[2J\r\ny\u0085\u202e";
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server, static async registry => await registry.AddAsync(Evil, 0, "a"u8.ToArray(), new()
        {
            Format = Evil,
            Contributors = [Evil],
            Metrics = ImmutableSortedDictionary<string, double>.Empty.Add(Evil, 1),
        }, Cancellation));

        foreach (var arguments in new string[][]
        {
            ["models", "ls", Link(server)], ["models", "ls", Link(server), "--output", "jsonl"],
            ["models", "show", Evil, Link(server)], ["models", "show", Evil, Link(server), "--output", "jsonl"],
            ["models", "export", Evil, Link(server), "--to", Path.Combine(_folder, "x")],
            ["models", "show", Evil, Link(server), "--version", "7"], ["models", "show", Evil + "!", Link(server)],
        })
        {
            var (_, output, error) = await LinkTests.RunAsync(arguments);
            Assert.DoesNotContain(output + error, static c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
            Assert.Contains("u001b", (output + error).ToLowerInvariant(), StringComparison.Ordinal);
            foreach (var line in arguments[^1] == "jsonl" ? output.TrimEnd('\n').Split('\n') : []) { JsonDocument.Parse(line); }
        }
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_a_line()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        var none = $"streamlearn: nats://127.0.0.1:{server.Port} has no registry 'models'\n";
        Assert.Equal((1, "", none), await LinkTests.RunAsync(["models", "ls", Link(server)]));
        await using (var connection = Open(server)) { await ModelRegistry.OpenAsync(connection, Cancellation); }

        Assert.Equal((0, "", "streamlearn: the registry is empty\n"), await LinkTests.RunAsync(["models", "ls", Link(server)]));
        await FillAsync(server);
        var noModel = (1, "", "streamlearn: there is no model 'pum' in the registry\n");
        Assert.Equal(noModel, await LinkTests.RunAsync(["models", "ls", Link(server), "--model", "pum"]));
        Assert.Equal(noModel, await LinkTests.RunAsync(["models", "show", "pum", Link(server)]));
        Assert.Equal(noModel, await LinkTests.RunAsync(["models", "export", "pum", Link(server)]));
        Assert.Equal((1, "", "streamlearn: model 'pump' has no version 9: it has 1 to 2\n"),
            await LinkTests.RunAsync(["models", "show", "pump", Link(server), "--version", "9"]));
        Assert.Equal(1, (await LinkTests.RunAsync(["models", "ls", Link(server), "--registry", "other"])).ExitCode);
    }

    [Fact]
    public async Task Damaged_bytes_are_not_written()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await FillAsync(server);
        await using (var connection = Open(server))
        {
            var stream = await new NatsJSContext(connection).GetStreamAsync("OBJ_models", cancellationToken: Cancellation);
            await stream.PurgeAsync(new() { Filter = "$O.models.C.>" }, Cancellation);
        }

        var (exitCode, output, error) = await LinkTests.RunAsync(
            ["models", "export", "pump", Link(server), "--to", Path.Combine(_folder, "x")]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_server_that_is_away_or_has_no_JetStream_or_refuses_the_login_is_said_in_a_line()
    {
        var nowhere = await LinkTests.RunAsync(["models", "ls", $"nats://127.0.0.1:{LoopbackPort.Take()}", "--wait", "0.5"]);
        Assert.Equal((1, ""), (nowhere.ExitCode, nowhere.Output));
        Assert.Matches("^streamlearn: cannot reach nats://127.0.0.1:[0-9]+: ConnectionRefused\n$", nowhere.Error);
        await using var plain = await RealNats.StartAsync();
        var without = await LinkTests.RunAsync(["models", "ls", Link(plain)]);
        Assert.Equal((1, ""), (without.ExitCode, without.Output));
        Assert.Contains("the server has no JetStream", without.Error, StringComparison.Ordinal);
        await using var server = await RealNats.StartAsync(new() { JetStream = true, Login = ("looker", "s3cret") });
        var stranger = await LinkTests.RunAsync(["models", "ls", Link(server)]);
        Assert.Equal((1, ""), (stranger.ExitCode, stranger.Output));
        Assert.Contains("the login was refused", stranger.Error, StringComparison.Ordinal);
        var login = Path.Combine(_folder, "login.txt");
        await File.WriteAllLinesAsync(login, ["looker", "s3cret"], Cancellation);
        var known = await LinkTests.RunAsync(["models", "ls", Link(server), "--login", login]);
        Assert.Contains("has no registry", known.Error, StringComparison.Ordinal);
        Assert.All(new[] { nowhere, without, stranger, known }, static r => Assert.Single(r.Error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task A_server_that_says_not_now_is_not_asked_for_longer_than_a_person_waits()
    {
        // of an account without streams it says so as of one whose streams have no leader: 503
        await using var server = await RealNats.StartAsync(new()
        {
            JetStream = true,
            More = ["accounts { A: { users: [ { user: u, password: p } ] } }"],
        });
        var login = Path.Combine(_folder, "login.txt");
        await File.WriteAllLinesAsync(login, ["u", "p"], Cancellation);

        var (exitCode, output, error) = await LinkTests.RunAsync(["models", "ls", Link(server), "--login", login, "--wait", "0.5"])
            .WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancellation);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("models")]
    [InlineData("models", "ls")]
    [InlineData("models", "ls", "mqtt://host")]
    [InlineData("models", "ls", "nats://host/topic")]
    [InlineData("models", "ls", "nats://")]
    [InlineData("models", "ls", "nats://marked:marked@host")]
    [InlineData("models", "ls", "nats://host", "--qos", "1")]
    [InlineData("models", "ls", "nats://host", "--ca", "Tool.Tests.dll")]
    [InlineData("models", "ls", "nats://host", "--output", "xml")]
    [InlineData("models", "ls", "nats://host", "--registry", "a.b")]
    [InlineData("models", "ls", "nats://host", "--wait", "0")]
    [InlineData("models", "show", "nats://host")]
    [InlineData("models", "show", "", "nats://host")]
    [InlineData("models", "show", "pump", "nats://host", "--version", "-1")]
    [InlineData("models", "show", "pump", "nats://host", "--version", "one")]
    [InlineData("models", "show", "pump", "nats://host", "--force")]
    public async Task A_bad_command_line_is_exit_code_2(params string[] arguments)
    {
        var (exitCode, output, error) = await LinkTests.RunAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.All(error.TrimEnd().Split('\n'), static l => Assert.StartsWith("streamlearn: ", l, StringComparison.Ordinal));
        Assert.DoesNotContain("marked", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls", "<server>")]
    [InlineData("show", "<model> <server>")]
    [InlineData("export", "<model> <server>")]
    [InlineData("pin", "<model> <server>")]
    [InlineData("unpin", "<model> <server>")]
    public async Task Help_has_examples_and_what_each_takes(string command, string takes)
    {
        var (exitCode, output, _) = await LinkTests.RunAsync(["models", command, "--help"]);
        Assert.Equal(0, exitCode);
        Assert.Contains($"  streamlearn models {command} {takes} [options]", output, StringComparison.Ordinal);
        var all = await LinkTests.RunAsync(["models", "--help"]);
        Assert.Contains("Examples:", all.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", all.Output, StringComparison.Ordinal);
    }

    private static string Link(RealNats server) => $"nats://127.0.0.1:{server.Port}";

    private static NATS.Client.Core.NatsConnection Open(RealNats server) => new(new() { Url = $"{server.Uri}" });

    private static async Task FillAsync(RealNats server, Func<ModelRegistry, Task>? then = null)
    {
        await using var connection = Open(server);
        var registry = await ModelRegistry.OpenAsync(connection, Cancellation);
        var none = ImmutableSortedDictionary<string, double>.Empty;
        var first = new ModelLineage { Format = "safetensors", Metrics = none.Add("accuracy", 0.5) };
        var second = new ModelLineage
        {
            Base = 1,
            Contributors = ["p1", "p2"],
            SchemaHash = 255,
            Format = "onnx",
            Metrics = none.Add("accuracy", 0.75).Add("a", 1).Add("b", 2).Add("c", 3),
        };
        await registry.AddAsync("pump", 1, Encoding.ASCII.GetBytes(new string('x', 4000)), first, Cancellation);
        await registry.AddAsync("pump", 2, "abcde"u8.ToArray(), second, Cancellation);
        await registry.AddAsync("fan", null, "abc"u8.ToArray(), new(), Cancellation);
        if (then is not null) { await then(registry); }
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Without(string[] words, int date, int time) => [.. words.Where((_, at) => at != date && at != time)];
}
