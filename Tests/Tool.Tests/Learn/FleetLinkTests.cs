using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using NATS.Client.JetStream;
using StreamLearn.Arrow;
using StreamLearn.Mqtt;
using StreamLearn.Nats;
using StreamLearn.Samples;

namespace Tool.Tests;

/// <summary>The fleet through a real server.</summary>
public sealed class FleetLinkTests(ShortRecordings recordings)
{
    private static IEnumerable<string?> KindsOf(JsonElement result) =>
        result.GetProperty("doubts").EnumerateArray().Select(d => d.GetProperty("kind").GetString());

    private const string Timeout = "8";

    private static readonly ImmutableDictionary<string, string> Fleet = ImmutableDictionary<string, string>.Empty.Add("fleet", "s3cret");

    private static Task<JsonElement>? _inProcess;

    /// <summary>What two devices come to in the process, with a barrier; it is run once.</summary>
    private static Task<JsonElement> InProcessAsync(ShortRecordings recordings) => _inProcess ??= ToolRun.ResultAsync(
        ["fit", .. recordings.WithoutFaults, "--devices", "2", "--mode", "barrier", "--host", "dataflow"]);

    [Fact]
    public async Task Through_a_server_the_fleet_learns_as_it_does_in_the_process()
    {
        await using var server = await Mosquitto.StartAsync(new()
        {
            More = ["max_queued_messages 0"],
            Users = Fleet,
        });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("login"), "fleet\ns3cret\n", TestContext.Current.CancellationToken);
        string[] arguments = ["fit", .. recordings.WithoutFaults, "--devices", "2", "--mode", "barrier"];

        var linked = await ToolRun.ResultAsync([.. arguments, "--link", $"{server.Uri}", "--login", folder.File("login")]);
        var inProcess = await InProcessAsync(recordings);

        Assert.Equal("dataflow", linked.GetProperty("host").GetString());
        Assert.Equal(inProcess.EnumerateObject().Select(p => p.Name), linked.EnumerateObject().Select(p => p.Name));
        Assert.All(["weights_sha256", "versions", "updates_applied", "rows_trained", "rows_windowed", "ledger_adds_up"], key =>
            Assert.Equal(inProcess.GetProperty(key).GetRawText(), linked.GetProperty(key).GetRawText()));
    }

    [Fact]
    public async Task Through_a_nats_server_the_fleet_learns_as_it_does_in_the_process_and_leaves_no_update_behind()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true, Login = ("fleet", "s3cret") });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("login"), "fleet\ns3cret\n", TestContext.Current.CancellationToken);
        string[] arguments = ["fit", .. recordings.WithoutFaults, "--devices", "2", "--mode", "barrier"];

        var linked = await ToolRun.ResultAsync([.. arguments, "--link", $"{server.Uri}", "--login", folder.File("login")]);
        var inProcess = await InProcessAsync(recordings);

        Assert.All(["weights_sha256", "versions", "updates_applied", "rows_trained", "rows_windowed", "ledger_adds_up"], key =>
            Assert.Equal(inProcess.GetProperty(key).GetRawText(), linked.GetProperty(key).GetRawText()));
        Assert.Equal((server.Uri.ToString().TrimEnd('/'), "null", "0", "null"), (linked.GetProperty("link").GetString(),
            inProcess.GetProperty("link").GetRawText(), linked.GetProperty("exit_code").GetRawText(),
            linked.GetProperty("error").GetRawText()));
        await using var transport = new NatsTransport(new()
        {
            Servers = [server.Uri],
            Credentials = static _ => ValueTask.FromResult(new NatsCredentials("fleet", "s3cret")),
        });
        var (streams, cancellation) = (new NatsJSContext(transport.Connection), TestContext.Current.CancellationToken);
        var state = (await streams.GetStreamAsync("streamlearn", cancellationToken: cancellation)).Info.State;
        Assert.Equal((0, 0), (state.Messages, state.ConsumerCount));
        Assert.Equal(1, (await streams.GetStreamAsync("KV_streamlearn", cancellationToken: cancellation)).Info.State.Messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_that_go_from_sensor_to_device_through_the_server_are_taught_alike_and_others_can_read_them(bool overNats)
    {
        await using IAsyncDisposable server = overNats
            ? await RealNats.StartAsync(new() { JetStream = true })
            : await Mosquitto.StartAsync();
        var uri = server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri;
        await using ITransport other = overNats
            ? new NatsTransport(new() { Servers = [uri] })
            : new MqttTransport(new() { Server = uri });
        string[] arguments = ["fit", .. recordings.WithoutFaults, "--devices", "2", "--mode", "barrier"];
        var (rows, ends, ended) = (0L, 0, new TaskCompletionSource());
        await using var run = Pipeline.Define("tap", p => p
            .Subscribe(other, "sl/+/+/rows", "rows", (Received message, BatchPool pool) =>
            {
                if (!ArrowCodec.Batches.TryDecode(message.Payload, pool, out var batch)) { return null; }
                Interlocked.Add(ref rows, batch.Rows);
                if (batch.Rows == 0 && Interlocked.Increment(ref ends) == 2) { ended.SetResult(); }
                return batch;
            }, new() { Capacity = 1024, Durable = false }).Discard()).Start(null, TestContext.Current.CancellationToken);
        await foreach (var change in other.ConnectionsAsync(TestContext.Current.CancellationToken))
        {
            if (change.IsConnected) { break; }
        }

        var linked = await ToolRun.ResultAsync([.. arguments, "--link", $"{uri}", "--rows", "link"]);
        var inProcess = await InProcessAsync(recordings);

        Assert.All(["weights_sha256", "versions", "updates_applied", "rows_trained", "rows_in", "rows_windowed", "ledger_adds_up"], key =>
            Assert.Equal(inProcess.GetProperty(key).GetRawText(), linked.GetProperty(key).GetRawText()));
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(linked.GetProperty("rows_in").GetInt64(), Interlocked.Read(ref rows));
    }

    [Fact]
    public async Task Rows_that_a_server_drops_are_told_and_the_run_ends()
    {
        await using var server = await Mosquitto.StartAsync(new() { More = ["max_queued_messages 1", "max_inflight_messages 1"] });
        using var folder = new TemporaryFolder();

        var run = await ProgramProcess.RunAsync(["fit", .. recordings.Data, "--devices", "2", "--link", $"{server.Uri}", "--rows", "link",
            "--link-timeout", "15", "--out", folder.Path]);      // a busy machine takes some seconds to connect

        Assert.True(File.Exists(folder.File("result.json")), run.Error);
        var result = await folder.ResultAsync();
        var lost = result.GetProperty("rows_dropped").GetProperty("not arrived").GetInt64();
        Assert.Equal((1, true), (run.ExitCode, lost > 0));
        Assert.True(result.GetProperty("ledger_adds_up").GetBoolean());
        Assert.Contains(FormattableString.Invariant($"rows that the server has not delivered to their device: {lost}"),
            result.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_model_of_a_fleet_is_in_the_registry_of_its_nats_server_and_can_be_taken_out()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        using var folder = new TemporaryFolder();

        var run = await ProgramProcess.RunAsync(
            ["fit", .. recordings.Data, "--devices", "3", "--mode", "barrier", "--link", $"{server.Uri}", "--out", folder.Path]);

        await using var connection = new NATS.Client.Core.NatsConnection(new() { Url = $"{server.Uri}" });
        var cancellation = TestContext.Current.CancellationToken;
        var registry = await ModelRegistry.FindAsync(connection, ModelRegistry.DefaultName, cancellation);
        var versions = await registry!.ListAsync("quickstart", cancellation);
        var last = (await registry.LatestAsync("quickstart", cancellation))!;
        var result = await folder.ResultAsync();
        Assert.Equal(versions.Select(v => v.Version), result.GetProperty("registered").EnumerateArray().Select(v => v.GetInt64()));
        Assert.Equal((versions[^1].Version, versions.Count == 1 ? null : versions[^2].Version), (last.Version, last.Lineage.Base));
        Assert.Equal(result.GetProperty("devices").EnumerateArray().Where(d => d.GetProperty("updates").GetInt64() > 0)
            .Select(d => d.GetProperty("name").GetString()), last.Lineage.Contributors);
        Assert.Equal((result.GetProperty("runs")[0].GetProperty("accuracy").GetDouble(), result.GetProperty("versions").GetDouble()),
            (last.Lineage.Metrics["accuracy"], last.Lineage.Metrics["fleet-version"]));
        Assert.Equal(HarRecordings.Schema.Hash, last.Lineage.SchemaHash);
        Assert.Equal(await File.ReadAllBytesAsync(folder.File("model.safetensors"), cancellation),
            await registry.ReadAsync(last, cancellation));
        Assert.Contains($"; streamlearn models export quickstart {server.Uri.ToString().TrimEnd('/')} --version {last.Version} --to ",
            run.Output, StringComparison.Ordinal);
        var (number, fleetVersion, accuracy) = (last.Version, last.Lineage.Metrics["fleet-version"], last.Lineage.Metrics["accuracy"]);
        var said = FormattableString.Invariant($@"{number}: the (best and the )?last \(version {fleetVersion}, {accuracy:0.000}\); ");
        Assert.Matches($@"\n  registry   'quickstart' .*\b{said}", run.Output);
    }

    [LongFact]
    public async Task A_nats_server_that_is_killed_in_the_middle_costs_no_update()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        using var folder = new TemporaryFolder();

        var (run, wasKilled) = await RunKilledAsync(server.Uri, folder, server.KillAsync, server.StartAgainAsync);

        Assert.Equal("", run.Error);
        Assert.True(wasKilled);
        var result = await folder.ResultAsync();
        Assert.Equal((0, 0), (result.GetProperty("updates_lost").GetInt64(), result.GetProperty("updates_unanswered").GetInt64()));
        Assert.InRange(result.GetProperty("connection_losses").GetInt32(), 1, 1000);
    }

    [Fact]
    public async Task A_nats_server_without_JetStream_is_named_as_the_cause()
    {
        await using var server = await RealNats.StartAsync();

        var run = await ProgramProcess.RunAsync("fit", "--devices", "2", "--link", $"{server.Uri}", "--link-timeout", "5");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no JetStream (nats-server -js)", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_server_drops_is_sent_again_and_nothing_is_lost()
    {
        await using var server = await Mosquitto.StartAsync(new() { More = ["max_queued_messages 1"] });
        using var folder = new TemporaryFolder();

        var run = await ProgramProcess.RunAsync(
            ["fit", .. recordings.Data, "--devices", "12", "--link", $"{server.Uri}", "--out", folder.Path]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain("  LOST  ", run.Output, StringComparison.Ordinal);
        Assert.Contains($"dataflow over {server.Uri.ToString().TrimEnd('/')} ", run.Output, StringComparison.Ordinal);
        var result = await folder.ResultAsync();
        Assert.Equal((0, 0), (result.GetProperty("updates_lost").GetInt64(), result.GetProperty("doubts").GetArrayLength()));
    }

    [Fact]
    public async Task A_server_that_is_killed_is_mentioned_once_when_it_is_lost_and_once_when_it_is_back()
    {
        await using var server = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();
        var place = server.Uri.ToString().TrimEnd('/');

        var (run, wasKilled) = await RunKilledAsync(server.Uri, folder, server.KillAsync, () => server.StartAgainAsync());

        Assert.Equal(("", true), (run.Error, wasKilled));
        var lines = run.Output.Split('\n');
        var (lost, back) = (Array.FindIndex(lines, l => l.Contains(" no connection to ", StringComparison.Ordinal)),
            Array.FindIndex(lines, l => l.EndsWith("connection is back", StringComparison.Ordinal)));
        Assert.Matches($@"^[0-9]+\.[0-9] s  no connection to {Regex.Escape(place)}: .+ \([0-9]+ sessions\)$", lines[lost]);
        Assert.True(back > lost);
        Assert.Equal(2, lines.Count(l => Regex.IsMatch(l, " s  (no )?connection ")));
        var result = await folder.ResultAsync();
        Assert.True(result.GetProperty("connection_losses").GetInt32() >= 4);
        Assert.Equal(0, result.GetProperty("updates_lost").GetInt64());
        var isDoubtful = result.GetProperty("doubts").EnumerateArray().Any(d => d.GetProperty("kind").GetString() == "connections");
        Assert.Equal((isDoubtful ? 3 : 0, isDoubtful), (run.ExitCode, lines.Any(l => l.StartsWith("  doubts ", StringComparison.Ordinal))));
        var events = await folder.ReadAsync("events.jsonl");
        Assert.Equal((2, 2), (events.Split("connection_lost").Length, events.Split("connection_back").Length));
    }

    [Fact]
    public async Task A_server_that_does_not_come_back_ends_the_run_with_what_it_has()
    {
        await using var server = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();

        var run = await KilledAsync(server.Uri, server.KillAsync, folder);

        Assert.Matches("(?m)^mode=async .* no_connection=[1-8]s", run.Output);
        Assert.Matches("(?m)^[0-9.]+ s  stopped: for 8 s there was no connection and no update", run.Output);
        Assert.Contains("  LOST  ", run.Output, StringComparison.Ordinal);
        var result = await folder.ResultAsync();
        Assert.Equal(0, result.GetProperty("updates_lost").GetInt64());
        Assert.True(result.GetProperty("updates_unanswered").GetInt64() > 0);
        Assert.Superset(new HashSet<string?> { "losses", "connections" }, KindsOf(result).ToHashSet());
    }

    [Fact]
    public async Task A_run_that_is_given_up_says_of_every_row_where_it_is()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        using var folder = new TemporaryFolder();

        var run = await KilledAsync(server.Uri, server.KillAsync, folder);

        Assert.DoesNotContain("DOES NOT ADD UP", run.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^  rows .*; stopped: in flight when .*; [0-9,]+ more rows of the data were not read$", run.Output);
        var result = await folder.ResultAsync();
        Assert.True(result.GetProperty("ledger_adds_up").GetBoolean());
        Assert.True(result.GetProperty("rows_dropped").GetProperty("stopped").GetInt64() > 0);
        Assert.Equal(4 * 120_000, result.GetProperty("rows_in").GetInt64() + result.GetProperty("rows_not_read").GetInt64());
        Assert.DoesNotContain("rows", KindsOf(result));
        Assert.Contains("\n  registry   no version registered: the run was stopped early\n", run.Output, StringComparison.Ordinal);
        Assert.Equal((1, server.Uri.ToString().TrimEnd('/')),
            (result.GetProperty("exit_code").GetInt32(), result.GetProperty("link").GetString()));
        Assert.Matches("^stopped: for 8 s there was no connection and no update; updates lost, .*: [0-9]+$",
            result.GetProperty("error").GetString());
        Assert.Contains(" more rows of the data were not read.", await folder.ReadAsync("report.html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_takes_some_of_the_sessions_only_makes_the_result_doubtful()
    {
        await using var server = await Mosquitto.StartAsync(new() { MaxConnections = 34 });
        using var folder = new TemporaryFolder();

        var run = await ProgramProcess.RunAsync(
            ["fit", .. recordings.Data, "--devices", "12", "--link", $"{server.Uri}", "--link-timeout", Timeout, "--out", folder.Path]);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(" s  no connection to ", run.Output, StringComparison.Ordinal);
        if (run.Error.Contains("the aggregator made no version during the run", StringComparison.Ordinal)) { return; }
        Assert.Contains("connections", KindsOf(await folder.ResultAsync()));
    }

    [Theory]
    [InlineData("--seconds", "9", "--seconds: only in the simulation, where time is virtual")]
    [InlineData("--link-timeout", "0", "--link-timeout: expected 1 to 86400, got '0'")]
    public async Task An_option_that_a_link_leaves_without_effect_is_refused(string option, string value, string reason)
    {
        var run = await ProgramProcess.RunAsync("fit", "--link", "mqtt://localhost:1", option, value);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_fleet_has_topics_of_its_own_and_what_it_leaves_behind_expires()
    {
        var (first, second) = (await HelloAsync(), await HelloAsync());

        Assert.NotEqual(TopicOf(first), TopicOf(second));
        Assert.All(new[] { first, second }, hello =>
        {
            Assert.Matches("^sl/quickstart-[0-9a-f]{8}/quickstart/up/hello$", TopicOf(hello));
            Assert.True(hello.AsSpan().IndexOf(new byte[] { 2, 0, 0, 0x0E, 0x10 }) > 0, "expected an expiry of an hour");
        });

        static string TopicOf(byte[] publish) => Encoding.UTF8.GetString(publish.AsSpan(4, (publish[2] << 8) + publish[3]));
    }

    [Fact]
    public async Task A_run_that_is_interrupted_while_its_server_is_silent_says_what_it_waits_for()
    {
        using var server = new SilentServer();
        using var fleet = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll"), "fit", "--devices", "2", "--link", $"{server.Uri}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await server.TakeAsync(patience.Token);

        using var signal = Process.Start("kill", ["-TERM", $"{fleet.Id}"]);
        var error = await fleet.StandardError.ReadToEndAsync(patience.Token);
        await fleet.WaitForExitAsync(patience.Token);

        var place = server.Uri.ToString().TrimEnd('/');
        Assert.StartsWith(
            $"streamlearn: interrupted; closing the connections to {place}, for at most 10 s",
            error, StringComparison.Ordinal);
        Assert.NotEqual(0, fleet.ExitCode);
    }

    [Fact]
    public async Task A_refused_login_is_one_line_and_exit_code_1()
    {
        await using var server = await Mosquitto.StartAsync(new() { Users = Fleet });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("login"), "fleet\nmarked\n", TestContext.Current.CancellationToken);

        var run = await ProgramProcess.RunAsync("fit", "--devices", "2", "--link", $"{server.Uri}", "--login", folder.File("login"));

        var place = server.Uri.ToString().TrimEnd('/');
        Assert.Equal((1, $"streamlearn: --link: {place} refused the connection: "
            + "NotAuthorized (user, password or certificate)\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_run_that_finds_no_server_leaves_its_error_and_no_secret_in_the_json()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true, Login = ("fleet", "s3cret") });
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("login"), "stranger\nmarked\n", TestContext.Current.CancellationToken);

        var run = await ProgramProcess.RunAsync("fit", "--devices", "2", "--link", $"{server.Uri}", "--login", folder.File("login"),
            "--json", folder.File("result.json"), "--out", folder.Path, "--link-timeout", "3");

        var result = await folder.ResultAsync();
        Assert.Equal((1, 1), (run.ExitCode, result.GetProperty("exit_code").GetInt32()));
        Assert.Equal(run.Error, $"streamlearn: {result.GetProperty("error").GetString()}\n");
        Assert.Equal(server.Uri.ToString().TrimEnd('/'), result.GetProperty("link").GetString());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null),
            (result.GetProperty("versions").ValueKind, result.GetProperty("rows_in").ValueKind));
        Assert.DoesNotMatch("marked|stranger", result.GetRawText());
    }

    [Fact]
    public async Task A_run_that_is_interrupted_leaves_what_it_knows_in_the_json()
    {
        var isInterrupted = false;
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        using var folder = new TemporaryFolder();

        var run = await ProgramProcess.RunAsync([], async (process, line) =>
        {
            if (isInterrupted || !Regex.IsMatch(line, "^mode=async .* version=[1-9]")) { return; }
            isInterrupted = true;
            using var signal = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await signal.WaitForExitAsync(TestContext.Current.CancellationToken);
        }, "fit", "--devices", "4", "--link", $"{server.Uri}", "--out", folder.Path, "--json", folder.File("result.json"));

        var result = await folder.ResultAsync();
        Assert.Equal((130, 130), (run.ExitCode, result.GetProperty("exit_code").GetInt32()));
        Assert.EndsWith($"streamlearn: interrupted; only {folder.File("result.json")} was written\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(("interrupted", "async", 4), (result.GetProperty("error").GetString(), result.GetProperty("mode").GetString(),
            result.GetProperty("devices").GetArrayLength()));
        Assert.All(["versions", "rows_in", "rows_trained", "bytes_up"], key => Assert.True(result.GetProperty(key).GetInt64() > 0, key));
        Assert.Equal(result.GetProperty("rows_in").GetInt64(),
            result.GetProperty("rows_windowed").GetInt64() + result.GetProperty("rows_held").GetInt64()
                + result.GetProperty("rows_dropped").EnumerateObject().Sum(r => r.Value.GetInt64()));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_one_line_and_exit_code_1()
    {
        var run = await ProgramProcess.RunAsync(
            "fit", "--devices", "4", "--link-timeout", "2", "--link", $"mqtt://127.0.0.1:{LoopbackPort.Take()}");

        Assert.Equal(1, run.ExitCode);
        Assert.Matches("(?m)^connecting to mqtt://127.0.0.1:[0-9]+, for at most 2 s$", run.Output);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Matches("^streamlearn: --link: cannot reach mqtt://127.0.0.1:[0-9]+: ConnectionRefused\n$", run.Error);
    }

    /// <summary>The first message of a fleet, which is ended then.</summary>
    private static async Task<byte[]> HelloAsync()
    {
        using var server = new SilentServer();
        using var fleet = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll"), "fit", "--devices", "2", "--link", $"{server.Uri}"])
        {
            RedirectStandardOutput = true,
        })!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            return (await server.TakeAsync(patience.Token)).Next;
        }
        finally
        {
            fleet.Kill();
        }
    }

    /// <summary>A run whose server is killed at its first version, and started again once it is missed. Its data last for ten seconds and
    /// more: recordings would be learned from before a line says so.</summary>
    private static async Task<(ProgramProcess Run, bool WasKilled)> RunKilledAsync(
        Uri server, TemporaryFolder folder, Func<Task> kill, Func<Task> startAgain)
    {
        var wasKilled = false;
        var run = await ProgramProcess.RunAsync([], async line =>
        {
            if (!wasKilled && Regex.IsMatch(line, "^mode=async .* version=[1-9]"))
            {
                wasKilled = true;
                await kill();
            }

            if (line.Contains(" no connection to ", StringComparison.Ordinal)) { await startAgain(); }
        }, "fit", "--devices", "4", "--link", $"{server}", "--out", folder.Path);
        return (run, wasKilled);
    }

    /// <summary>A run whose server is killed at its first version, and stays away.</summary>
    private static async Task<ProgramProcess> KilledAsync(Uri server, Func<Task> kill, TemporaryFolder folder)
    {
        var wasKilled = false;
        var run = await ProgramProcess.RunAsync([], async line =>
        {
            if (wasKilled || !Regex.IsMatch(line, "^mode=async .* version=[1-9]")) { return; }
            wasKilled = true;
            await kill();
        }, "fit", "--devices", "4", "--link", $"{server}", "--link-timeout", Timeout, "--out", folder.Path);

        Assert.Equal(("", 1), (run.Error, run.ExitCode));
        return run;
    }
}
