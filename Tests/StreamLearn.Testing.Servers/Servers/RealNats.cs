using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace StreamLearn.Testing;

/// <summary>How a <see cref="RealNats"/> is set up.</summary>
public sealed record RealNatsOptions
{
    /// <summary>True: it has JetStream, with files in its own folder. Default false.</summary>
    public bool JetStream { get; init; }

    /// <summary>Bytes that JetStream stores at most; 0, the default: as many as the disk takes.</summary>
    public int StoreBytes { get; init; }

    /// <summary>User and password that a client needs; null, the default: none.</summary>
    public (string User, string Password)? Login { get; init; }

    /// <summary>The token that a client needs; null, the default: none.</summary>
    public string? Token { get; init; }

    /// <summary>The server's certificate with its key: it speaks TLS alone. Null, the default: it speaks plain.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Who issues the certificates that clients must show; null, the default: they need none.</summary>
    public X509Certificate2? ClientAuthority { get; init; }

    /// <summary>Further lines of the configuration.</summary>
    public ImmutableArray<string> More { get; init; } = [];
}

/// <summary>The real nats-server, on a free port of the loopback interface, with a configuration and a folder of its own. It can be killed
/// and started again on the same port.</summary>
public sealed class RealNats : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nats-");
    private readonly RealNatsOptions _options;
    private readonly string _configuration;
    private readonly StringBuilder _earlier = new();
    private ServerProcess? _process;

    private RealNats(RealNatsOptions options)
    {
        (_options, Port) = (options, LoopbackPort.Take());
        _configuration = File("nats.conf");
        System.IO.File.WriteAllLines(_configuration, Lines());
    }

    /// <summary>The program.</summary>
    public static InstalledProgram Program { get; } = new("nats-server");

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Where it is.</summary>
    public Uri Uri => new(_options.Certificate is null ? $"nats://127.0.0.1:{Port}" : $"tls://localhost:{Port}");

    /// <summary>Where it stores what is to last.</summary>
    public string Store => File("store");

    /// <summary>What it wrote, over all starts.</summary>
    public string Log => _earlier + _process?.Log;

    /// <summary>The process that runs now.</summary>
    /// <exception cref="InvalidOperationException">None runs.</exception>
    public ServerProcess Process => _process ?? throw new InvalidOperationException("nats-server does not run");

    /// <summary>Starts one; done when its port is open.</summary>
    /// <exception cref="MissingProgramException">It is not installed.</exception>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static async Task<RealNats> StartAsync(RealNatsOptions? options = null)
    {
        var server = new RealNats(options ?? new());
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the port and with the data it had before; done when the port is open.</summary>
    public async Task StartAgainAsync()
    {
        if (_process is { HasExited: false }) { throw new InvalidOperationException("nats-server still runs"); }
        await EndedAsync();
        _process = new(Program.Required, "-c", _configuration);
        await _process.WaitForAsync("Server is ready");
    }

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await EndedAsync();
    }

    /// <summary>Ends it at once, and removes what JetStream has stored.</summary>
    public async Task LoseStoreAsync()
    {
        await KillAsync();
        Directory.Delete(File("store"), recursive: true);
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        await Process.StopAsync();
        await EndedAsync();
    }

    /// <summary>Kills it, and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndedAsync();
        _folder.Delete(recursive: true);
    }

    private async Task EndedAsync()
    {
        if (_process is null) { return; }
        await _process.DisposeAsync();
        _earlier.Append(_process.Log);
        _process = null;
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private IEnumerable<string> Lines()
    {
        yield return $"listen: \"127.0.0.1:{Port}\"";
        yield return $"pid_file: \"{File("nats.pid")}\"";
        if (_options.JetStream)
        {
            var most = _options.StoreBytes > 0 ? $", max_file_store: {_options.StoreBytes}" : "";
            yield return $"jetstream {{ store_dir: \"{File("store")}\"{most} }}";
        }

        if (_options.Login is var (user, password)) { yield return $"authorization {{ user: \"{user}\", password: \"{password}\" }}"; }
        if (_options.Token is { } token) { yield return $"authorization {{ token: \"{token}\" }}"; }
        foreach (var line in _options.More) { yield return line; }
        if (_options.Certificate is not { } certificate) { yield break; }
        yield return "tls {";
        yield return $"  cert_file: \"{Written("server.crt", certificate.ExportCertificatePem())}\"";
        yield return $"  key_file: \"{Written("server.key", KeyOf(certificate))}\"";
        if (_options.ClientAuthority is { } authority)
        {
            yield return $"  ca_file: \"{Written("clients.crt", authority.ExportCertificatePem())}\"";
            yield return "  verify: true";
        }

        yield return "}";
    }

    private static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("expected a certificate with an ECDSA key");
        return key.ExportPkcs8PrivateKeyPem();
    }

    private string Written(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        if (!OperatingSystem.IsWindows()) { System.IO.File.SetUnixFileMode(File(name), UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        return File(name);
    }
}
