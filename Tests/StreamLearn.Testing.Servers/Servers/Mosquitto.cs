using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace StreamLearn.Testing;

/// <summary>
/// The real mosquitto, on free ports of the loopback interface, with a configuration and a folder of its own. It can be killed and
/// started again on the same ports.
/// </summary>
public sealed class Mosquitto : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mosquitto-");
    private readonly string _configuration;
    private readonly StringBuilder _earlier = new();
    private ServerProcess? _process;

    private Mosquitto(MosquittoOptions options)
    {
        Port = LoopbackPort.Take();
        TlsPort = options.Certificate is null ? null : LoopbackPort.Take();
        _configuration = File("mosquitto.conf");
        System.IO.File.WriteAllLines(_configuration, Lines(options));
    }

    /// <summary>The program.</summary>
    public static InstalledProgram Program { get; } = new("mosquitto");

    /// <summary>The port without TLS.</summary>
    public int Port { get; }

    /// <summary>The port with TLS; null without a certificate.</summary>
    public int? TlsPort { get; }

    /// <summary>Where it is.</summary>
    public Uri Uri => new($"mqtt://127.0.0.1:{Port}");

    /// <summary>Where it is with TLS.</summary>
    public Uri TlsUri => new($"mqtts://localhost:{TlsPort}");

    /// <summary>Where it stores what is to last.</summary>
    public string Store => _folder.FullName;

    /// <summary>What it wrote, over all starts.</summary>
    public string Log => _earlier + _process?.Log;

    /// <summary>The process that runs now.</summary>
    /// <exception cref="InvalidOperationException">None runs.</exception>
    public ServerProcess Process => _process ?? throw new InvalidOperationException("mosquitto does not run");

    /// <summary>Starts one; done when its ports are open.</summary>
    /// <exception cref="MissingProgramException">It is not installed.</exception>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static async Task<Mosquitto> StartAsync(MosquittoOptions? options = null)
    {
        var mosquitto = new Mosquitto(options ?? new());
        try
        {
            await mosquitto.StartAgainAsync();
            return mosquitto;
        }
        catch
        {
            await mosquitto.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the ports and with the data it had before; done when the ports are open.</summary>
    public async Task StartAgainAsync()
    {
        if (_process is { HasExited: false }) { throw new InvalidOperationException("mosquitto still runs"); }
        await EndedAsync();
        _process = new(Program.Required, "-c", _configuration);
        await _process.WaitForAsync(" running");       // said once all listeners are open
    }

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await EndedAsync();
    }

    /// <summary>Ends it in order: what is to last is saved.</summary>
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

    private static string Hashed(string user, string password)
    {
        const int Iterations = 101;         // mosquitto_passwd's own number
        var salt = RandomNumberGenerator.GetBytes(12);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA512, 64);
        return $"{user}:$7${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";
    }

    private async Task EndedAsync()
    {
        if (_process is null) { return; }
        await _process.DisposeAsync();
        _earlier.Append(_process.Log);
        _process = null;
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private IEnumerable<string> Lines(MosquittoOptions options)
    {
        yield return $"user {Environment.UserName}";            // or it becomes one that may not read the folder
        yield return "log_dest stderr";
        foreach (var type in options.LogsPackets ? ["all"] : new[] { "error", "warning", "notice", "information" })
        {
            yield return $"log_type {type}";
        }

        yield return "set_tcp_nodelay true";
        yield return "max_queued_messages 0";                   // no limit: a limit drops
        yield return "max_queued_bytes 0";
        if (options.InFlight is { } limit) { yield return $"max_inflight_messages {limit}"; }
        if (options.Durable)
        {
            yield return "persistence true";
            yield return $"persistence_location {_folder.FullName}/";
            yield return "autosave_on_changes true";
            yield return "autosave_interval 1";
        }

        yield return $"allow_anonymous {(options.Users.IsEmpty ? "true" : "false")}";
        if (!options.Users.IsEmpty)
        {
            yield return $"password_file {Written("users", options.Users.Select(u => Hashed(u.Key, u.Value)))}";
        }

        if (!options.Access.IsEmpty) { yield return $"acl_file {Written("access", options.Access)}"; }
        foreach (var line in options.More) { yield return line; }
        yield return $"listener {Port} 127.0.0.1";
        foreach (var line in options.AtListener) { yield return line; }
        if (options.MaxPacketBytes is { } bytes) { yield return $"max_packet_size {bytes}"; }
        if (options.MaxConnections is { } most) { yield return $"max_connections {most}"; }
        if (options.Certificate is not { } certificate) { yield break; }
        yield return $"listener {TlsPort} 127.0.0.1";
        if (options.WebSockets) { yield return "protocol websockets"; }
        yield return $"certfile {Written("server.crt", [certificate.ExportCertificatePem()])}";
        yield return $"keyfile {Written("server.key", [KeyOf(certificate)])}";
        if (options.ClientAuthority is not { } authority) { yield break; }
        yield return $"cafile {Written("clients.crt", [authority.ExportCertificatePem()])}";
        yield return "require_certificate true";
    }

    private static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("expected a certificate with an ECDSA key");
        return key.ExportPkcs8PrivateKeyPem();
    }

    private string Written(string name, IEnumerable<string> lines)
    {
        System.IO.File.WriteAllLines(File(name), lines);
        if (!OperatingSystem.IsWindows()) { System.IO.File.SetUnixFileMode(File(name), UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        return File(name);
    }
}
