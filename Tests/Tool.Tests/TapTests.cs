using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tool.Tests;

public sealed class TapTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("7b2261223a22ff227d", "0x7b2261223a22ff227d")]                  // a string that is no UTF-8
    [InlineData("7b2261223a225c7564383030227d", "{\"a\":\"\\ud800\"}")]         // half a surrogate pair
    [InlineData("7b2261223a", "{\"a\":")]
    [InlineData("", null)]
    public async Task What_is_no_JSON_is_shown_as_text_or_in_hexadecimal(string hex, string? shown)
    {
        await using var server = await Mosquitto.StartAsync();
        var file = Path.Combine(_folder, "payload");
        await File.WriteAllBytesAsync(file, Convert.FromHexString(hex), TestContext.Current.CancellationToken);
        var tap = TapAsync(server, "a", "--format", "json", "--count", "1");
        var lines = TapAsync(server, "a", "--format", "json", "--count", "1", "--output", "jsonl");
        while (!(tap.IsCompleted && lines.IsCompleted)) { await LinkTests.RunAsync(["pub", $"{server.Uri}a", "--file", file]); }

        Assert.Equal($"a  {hex.Length / 2} B{(shown is null ? "" : $"  {shown}")}\n", (await tap).Output);
        var line = JsonDocument.Parse((await lines).Output).RootElement;
        var (name, value) = shown is null ? ("payload", "") : shown[0] == '0' ? ("payload_hex", shown[2..]) : ("payload", shown);
        Assert.Equal(value, line.GetProperty(name).GetString());
    }

    [Fact]
    public async Task Properties_are_published_and_shown()
    {
        await using var server = await Mosquitto.StartAsync();
        await LinkTests.RunAsync(["pub", $"{server.Uri}a", "--text", "1", "--retain", "--property", "unit=g", "--property", "x=y=z",
            "--content-type", "text/plain"]);

        Assert.Equal("a  1 B  retained  unit=g  x=y=z  text/plain  1\n", (await TapAsync(server, "a", "--count", "1")).Output);
        var line = JsonDocument.Parse((await TapAsync(server, "a", "--count", "1", "--output", "jsonl")).Output).RootElement;
        Assert.Equal("[[\"unit\",\"g\"],[\"x\",\"y=z\"]]", line.GetProperty("properties").GetRawText());
        Assert.Equal("text/plain", line.GetProperty("content_type").GetString());
    }

    [Fact]
    public async Task What_the_library_sends_is_shown_with_its_envelope_and_what_has_none_with_the_reason()
    {
        await using var server = await Mosquitto.StartAsync();
        string[] publish = ["pub", $"{server.Uri}sl/run/node/up/kind", "--text", "1"];
        await LinkTests.RunAsync([.. publish, "--retain"]);
        var tap = TapAsync(server, "sl/#", "--count", "3");
        while (!tap.IsCompleted)
        {
            await PublishPlainAsync(server, "sl/run/node/up/kind"u8.ToArray());
            await LinkTests.RunAsync(publish);
        }

        var (exitCode, output, error) = await tap;

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("sl/run/node/up/kind  1 B  retained  streamlearn/pub 0/0  1\n", output, StringComparison.Ordinal);
        Assert.Contains("\nsl/run/node/up/kind  1 B  streamlearn/pub 0/0  1\n", output, StringComparison.Ordinal);
        Assert.Contains("\nsl/run/node/up/kind  1 B  no envelope, cut short  ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_nobody_reads_any_more_it_ends()
    {
        await using var server = await Mosquitto.StartAsync();
        await LinkTests.RunAsync(["pub", $"{server.Uri}a", "--text", "first", "--retain"]);
        using var tap = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll"), "tap", $"{server.Uri}a"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        try
        {
            Assert.Equal("a  5 B  retained  first", await tap.StandardOutput.ReadLineAsync(patience.Token));
            tap.StandardOutput.Close();

            while (!tap.HasExited)
            {
                await LinkTests.RunAsync(["pub", $"{server.Uri}a", "--text", "next"]);
                patience.Token.ThrowIfCancellationRequested();
            }

            Assert.Equal((0, ""), (tap.ExitCode, await tap.StandardError.ReadToEndAsync(patience.Token)));
        }
        finally
        {
            if (!tap.HasExited) { tap.Kill(); }
        }
    }

    [Fact]
    public async Task A_name_that_the_certificate_does_not_have_is_told()
    {
        using var authority = new TestAuthority();
        await using var server = await Mosquitto.StartAsync(new() { Certificate = authority.ForServer("broker.example") });
        var (roots, none) = (Path.Combine(_folder, "roots.pem"), Path.Combine(_folder, "none.pem"));
        await File.WriteAllTextAsync(roots, authority.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(none, "no certificate", TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await LinkTests.RunAsync(["tap", $"{server.TlsUri}a", "--ca", roots]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("RemoteCertificateNameMismatch", error, StringComparison.Ordinal);
        Assert.Equal((1, "", $"streamlearn: --ca: expected certificates in PEM, found none in {none}\n"),
            await LinkTests.RunAsync(["tap", $"{server.TlsUri}a", "--ca", none]));
    }

    [Fact]
    public async Task NATS_is_tapped_and_published_to_as_well()
    {
        await using var server = await RealNats.StartAsync(new() { Login = ("looker", "s3cret") });
        var login = Path.Combine(_folder, "login.txt");
        await File.WriteAllLinesAsync(login, ["looker", "s3cret"], TestContext.Current.CancellationToken);
        var link = $"nats://127.0.0.1:{server.Port}/plant";
        var tap = LinkTests.RunAsync(["tap", $"{link}/#", "--login", login, "--count", "1", "--output", "jsonl"]);
        while (!tap.IsCompleted)
        {
            Assert.Equal((0, "", Written(server)),
                await LinkTests.RunAsync(
                    ["pub", $"{link}/p7/name", "--login", login, "--text", "feed pump", "--property", "unit=g"]));
        }

        var (exitCode, output, error) = await tap;
        Assert.Equal((0, ""), (exitCode, error));
        var line = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("plant/p7/name", "feed pump"), (line.GetProperty("topic").GetString(), line.GetProperty("payload").GetString()));

        var refused = await LinkTests.RunAsync(["pub", $"{link}/a", "--text", "x", "--retain", "--login", login]);
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith("streamlearn: --retain: expected MQTT", refused.Error, StringComparison.Ordinal);
        var stranger = await LinkTests.RunAsync(["tap", $"{link}/a", "--count", "1"]);
        Assert.Equal(1, stranger.ExitCode);
        Assert.Contains("the login was refused", stranger.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await LinkTests.RunAsync(["tap", $"{link}/a", "--qos", "1"])).ExitCode);
    }

    [Fact]
    public async Task Who_writes_a_topic_as_a_subject_of_NATS_is_told_how_it_is_written()
    {
        await using var server = await RealNats.StartAsync();
        var link = $"nats://127.0.0.1:{server.Port}";

        var pub = await LinkTests.RunAsync(["pub", $"{link}/plant.p7.vib", "--text", "x"]);
        Assert.Equal((0, ""), (pub.ExitCode, pub.Output));
        Assert.Contains("did you mean 'plant/p7/vib'?", pub.Error, StringComparison.Ordinal);
        foreach (var command in new[] { "tap", "pub" })
        {
            var (exitCode, output, error) = await LinkTests.RunAsync([command, $"{link}/plant.*.>"]);
            Assert.Equal((2, ""), (exitCode, output));
            Assert.Contains("did you mean 'plant/+/#'?", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }

        Assert.Null(TopicAddress.TryParse("mqtt://host/a.b", out var mqtt));
        Assert.Null(mqtt!.Hint);
        Assert.Null(TopicAddress.TryParse("nats://host/a/+/#", out var right));
        Assert.Null(right!.Hint);
    }

    [Theory]
    [InlineData("publish: { deny: \"plant.secret\" }")]
    [InlineData("publish: { allow: [\"plant.a\"] }")]                      // not even to the program's own
    [InlineData("publish: { deny: \"plant.secret\" }, subscribe: { deny: \">\" }")]
    public async Task What_a_NATS_server_does_not_let_a_user_publish_is_told(string permissions)
    {
        await using var server = await RealNats.StartAsync(new()
        {
            More = [$"authorization {{ users: [ {{ user: u, password: p, permissions: {{ {permissions} }} }} ] }}"],
        });
        var login = Path.Combine(_folder, "login.txt");
        await File.WriteAllLinesAsync(login, ["u", "p"], TestContext.Current.CancellationToken);
        var link = $"nats://127.0.0.1:{server.Port}/plant";

        var denied = await LinkTests.RunAsync(["pub", $"{link}/secret", "--text", "x", "--login", login]);

        Assert.Equal((1, ""), (denied.ExitCode, denied.Output));
        Assert.Contains("Permissions Violation for Publish to \"plant.secret\"", denied.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((0, "", Written(server)), await LinkTests.RunAsync(["pub", $"{link}/a", "--text", "x", "--login", login]));
    }

    [Fact]
    public void What_happens_to_a_link_is_told_once()
    {
        var none = new LinkState();
        var (connected, lost) = (none with { IsConnected = true, Connects = 1 }, none with { Connects = 1, LastFault = "gone" });

        Assert.Empty(LinkNotices.Between(none, connected));
        Assert.Empty(LinkNotices.Between(connected, connected));
        Assert.Equal(["no connection, trying again: gone"], LinkNotices.Between(connected, lost));
        Assert.Empty(LinkNotices.Between(lost, lost));
        Assert.Equal(["connected again"], LinkNotices.Between(lost, connected with { Connects = 2 }));
        Assert.Equal(["connected again"], LinkNotices.Between(connected, connected with { Connects = 2 }));
        Assert.Equal(["messages lost because they arrived faster than they were shown: 2"],
            LinkNotices.Between(connected with { Dropped = 3 }, connected with { Dropped = 5 }));
        Assert.Equal(["messages not shown because of a malformed subject or headers: 4"],
            LinkNotices.Between(connected with { Malformed = 2 }, connected with { Malformed = 6 }));
    }

    /// <summary>A message as another client sends it; done when the server has taken it.</summary>
    private static async Task PublishPlainAsync(Mosquitto server, byte[] topic)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        byte[] connect = [0x10, 12, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 0];
        byte[] publish = [0x30, (byte)(topic.Length + 3), 0, (byte)topic.Length, .. topic, (byte)'x'];
        await client.GetStream().WriteAsync((byte[])[.. connect, .. publish, 0xE0, 0], TestContext.Current.CancellationToken);
        await client.GetStream().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
    }

    private static string Written(RealNats server) =>
        $"streamlearn: sent to nats://127.0.0.1:{server.Port}; no stream has confirmed it\n";

    private static Task<(int ExitCode, string Output, string Error)> TapAsync(Mosquitto server, string topic, params string[] more) =>
        LinkTests.RunAsync(["tap", $"{server.Uri}{topic}", .. more]);
}
