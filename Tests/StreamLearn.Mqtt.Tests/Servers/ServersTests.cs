using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What the other tests stand on: servers that start, die and come back, and proxies that harm.</summary>
public sealed class ServersTests
{
    private static readonly byte[] Connect = [.. Bytes("10 10 00 04 4D 51 54 54 04 02 00 3C 00 04"), .. "test"u8];
    private static readonly byte[] Accepted = Bytes("20 02 00 00");

    [Fact]
    public async Task Mosquitto_answers_is_killed_and_comes_back_on_its_port()
    {
        await using var mosquitto = await Mosquitto.StartAsync(new() { Durable = true });
        Assert.Equal(Accepted, await AnswerAsync(mosquitto.Port));
        await mosquitto.KillAsync();
        await Assert.ThrowsAsync<SocketException>(() => AnswerAsync(mosquitto.Port));
        await mosquitto.StartAgainAsync();
        Assert.Equal(Accepted, await AnswerAsync(mosquitto.Port));
        await mosquitto.StopAsync();
    }

    [Fact]
    public async Task Mosquitto_knows_its_users_by_password()
    {
        await using var mosquitto = await Mosquitto.StartAsync(
            new() { Users = ImmutableDictionary<string, string>.Empty.Add("pump", "7") });
        Assert.Equal(Bytes("20 02 00 05"), await AnswerAsync(mosquitto.Port));
        byte[] known =
            [.. Bytes("10 19 00 04 4D 51 54 54 04 C2 00 3C 00 04"), .. "test"u8, .. Bytes("00 04"), .. "pump"u8, .. Bytes("00 01 37")];
        Assert.Equal(Accepted, await AnswerAsync(mosquitto.Port, known));
    }

    [Fact]
    public async Task Mosquitto_shows_its_certificate_and_wants_one()
    {
        using var authority = new TestAuthority();
        using var server = authority.ForServer("localhost");
        using var pump = authority.ForClient("pump");
        await using var mosquitto = await Mosquitto.StartAsync(new() { Certificate = server, ClientAuthority = authority.Certificate });

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, mosquitto.TlsPort!.Value, Cancellation);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = [pump],
            CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority.Certificate },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        }, Cancellation);
        await tls.WriteAsync(Connect, Cancellation);
        var answer = new byte[4];
        await tls.ReadExactlyAsync(answer, Cancellation);

        Assert.Equal(Accepted, answer);
    }

    [Fact]
    public async Task A_proxy_passes_on_what_it_is_told_to_leave_alone()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Port);

        Assert.Equal("hello", await SaysAsync(proxy, "hello"));
        proxy.Set(Direction.Down, new() { Split = true });
        Assert.Equal("hello", await SaysAsync(proxy, "hello"));
        proxy.Set(Direction.Down, new() { Corrupt = 1 });
        Assert.Equal("h\u009Allo", await SaysAsync(proxy, "hello"));
        proxy.Set(Direction.Down, new() { CutAfter = 3 });
        Assert.Equal("hel", await SaysAsync(proxy, "hello"));
        proxy.Set(Direction.Down, new() { Delay = TimeSpan.FromMilliseconds(1) });
        Assert.Equal("hello", await SaysAsync(proxy, "hello"));
        Assert.Equal(5, proxy.Connections);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_proxy_holds_one_direction_back(bool swallow)
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Port);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port, Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync("a"u8.ToArray(), Cancellation);
        await stream.ReadExactlyAsync(new byte[1], Cancellation);      // the proxy waits for the next already
        proxy.Set(Direction.Down, new() { Swallow = swallow, Stall = !swallow });

        await stream.WriteAsync("ab"u8.ToArray(), Cancellation);
        await Long.UntilAsync(() => proxy.Bytes(Direction.Down) == 3, () => $"{proxy.Bytes(Direction.Down)} bytes came back to the proxy");
        var read = stream.ReadAsync(new byte[1], Cancellation).AsTask();
        Assert.False(read.IsCompleted);

        if (!swallow)
        {
            proxy.Set(Direction.Down, Fault.None);
            Assert.Equal(1, await read);
            return;
        }
        proxy.Cut();
        await Assert.ThrowsAnyAsync<IOException>(() => read);
    }

    private static async Task<byte[]> AnswerAsync(int port, byte[]? connect = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
        await client.GetStream().WriteAsync(connect ?? Connect, Cancellation);
        var answer = new byte[4];
        await client.GetStream().ReadExactlyAsync(answer, Cancellation);
        return answer;
    }

    /// <summary>What comes back through a proxy, as Latin-1, until all has come or the connection ends.</summary>
    private static async Task<string> SaysAsync(FaultProxy proxy, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port, Cancellation);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), Cancellation);
        var (back, length) = (new byte[text.Length], 0);
        try
        {
            while (length < back.Length && await client.GetStream().ReadAsync(back.AsMemory(length), Cancellation) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (IOException)
        {
            // cut
        }
        return Encoding.Latin1.GetString(back, 0, length);
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Sends back what it gets.</summary>
    private sealed class Echo : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Task _running;

        internal Echo()
        {
            Port = LoopbackPort.Take();
            _listener = new(IPAddress.Loopback, Port);
            _listener.Start();
            _running = RunAsync();
        }

        internal int Port { get; }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _running;
        }

        private async Task RunAsync()
        {
            var open = new List<Task>();
            try
            {
                while (true) { open.Add(AnswerAsync(await _listener.AcceptTcpClientAsync())); }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException) { await Task.WhenAll(open); }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            using var _ = client;
            var buffer = new byte[1024];
            try
            {
                while (await client.GetStream().ReadAsync(buffer) is > 0 and var read)
                {
                    await client.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }
            }
            catch (IOException)
            {
                // cut
            }
        }
    }
}
