using System.Security.Cryptography.X509Certificates;

namespace Tool.Tests;

public sealed class WebSocketTapTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/mqtt")]
    [InlineData("/any/path")]
    public async Task What_is_published_over_WebSocket_is_tapped(string path)
    {
        var port = LoopbackPort.Take();
        await using var server = await Mosquitto.StartAsync(new() { More = [$"listener {port} 127.0.0.1", "protocol websockets"] });
        Assert.Equal(
            (0, "", ""),
            await LinkTests.RunAsync(["pub", $"ws://127.0.0.1:{port}/kept/a", "--path", path, "--text", "1", "--retain"]));

        Assert.Equal((0, "kept/a  1 B  retained  1\n", ""),
            await LinkTests.RunAsync(["tap", $"ws://127.0.0.1:{port}/kept/#", "--count", "1", "--path", path]));
        Assert.Equal((0, "kept/a  1 B  retained  1\n", ""), await LinkTests.RunAsync(["tap", $"{server.Uri}kept/#", "--count", "1"]));
    }

    [Fact]
    public async Task TLS_below_WebSocket_is_checked()
    {
        using TestAuthority authority = new(), others = new();
        using var certificate = authority.ForServer("localhost");
        await using var server = await Mosquitto.StartAsync(new() { Certificate = certificate, WebSockets = true });
        var (known, foreign) = (await WriteAsync("known.pem", authority.Certificate), await WriteAsync("foreign.pem", others.Certificate));
        var link = $"wss://localhost:{server.TlsPort}/a";

        Assert.Equal((0, "", ""), await LinkTests.RunAsync(["pub", link, "--ca", known, "--text", "1", "--retain"]));
        Assert.Equal((0, "a  1 B  retained  1\n", ""), await LinkTests.RunAsync(["tap", link, "--ca", known, "--count", "1"]));
        var (exitCode, _, error) = await LinkTests.RunAsync(["tap", link, "--ca", foreign, "--count", "1"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("is not trusted", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_of_the_client_is_shown_and_its_want_is_told(bool isOneFile)
    {
        using var authority = new TestAuthority();
        using X509Certificate2 certificate = authority.ForServer("localhost"), own = authority.ForClient("looker");
        await using var server = await Mosquitto.StartAsync(new() { Certificate = certificate, ClientAuthority = authority.Certificate });
        var roots = await WriteAsync("ca.pem", authority.Certificate);
        using var key = own.GetECDsaPrivateKey()!;
        var (certificateFile, keyFile) = (Path.Combine(_folder, "own.pem"), Path.Combine(_folder, "own.key"));
        var (shown, secret) = (own.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(certificateFile, isOneFile ? $"{shown}\n{secret}\n" : shown, Cancellation);
        await File.WriteAllTextAsync(keyFile, secret, Cancellation);
        string[] mine = isOneFile ? ["--cert", certificateFile] : ["--cert", certificateFile, "--key", keyFile];

        Assert.Equal(
            (0, "", ""),
            await LinkTests.RunAsync(["pub", $"{server.TlsUri}a", "--ca", roots, .. mine, "--text", "1", "--retain"]));
        Assert.Equal(
            (0, "a  1 B  retained  1\n", ""),
            await LinkTests.RunAsync(["tap", $"{server.TlsUri}a", "--ca", roots, .. mine, "--count", "1"]));
        var (exitCode, output, error) = await LinkTests.RunAsync(["tap", $"{server.TlsUri}a", "--ca", roots, "--count", "1"]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("TLS alert 'certificate required'; set one with --cert\n", error, StringComparison.Ordinal);
        Assert.Equal((1, "", $"streamlearn: --cert: expected a certificate in {roots} and its key, without a password, in the same file\n"),
            await LinkTests.RunAsync(["tap", $"{server.TlsUri}a", "--cert", roots, "--count", "1"]));
    }

    [Theory]
    [InlineData("--path", "tap", "mqtt://host/a", "--path", "/mqtt")]
    [InlineData("--path", "tap", "ws://host/a", "--path", "mqtt")]
    [InlineData("--cert", "tap", "ws://host/a", "--cert", "Tool.Tests.dll")]
    [InlineData("--key", "tap", "mqtts://host/a", "--key", "Tool.Tests.dll")]
    [InlineData("--ca", "pub", "mqtt://host/a", "--ca", "Tool.Tests.dll")]
    public async Task What_does_not_go_together_is_a_bad_command_line(string option, params string[] arguments)
    {
        var (exitCode, output, error) = await LinkTests.RunAsync(
            [.. arguments.Select(a => a == "Tool.Tests.dll" ? Path.Combine(AppContext.BaseDirectory, a) : a)]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"streamlearn: {option}: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_told_with_a_reason()
    {
        using var silent = new SilentServer();
        foreach (var arguments in new string[][] { ["pub", $"{silent.Uri}a", "--text", "1"], ["tap", $"{silent.Uri}a"] })
        {
            var (exitCode, _, error) = await LinkTests.RunAsync([.. arguments, "--wait", "0.5"]);

            Assert.Equal(1, exitCode);
            Assert.EndsWith(": nothing arrived within 0.5 s\n", error, StringComparison.Ordinal);
        }
    }

    private async Task<string> WriteAsync(string name, X509Certificate2 certificate)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), Cancellation);
        return file;
    }
}
