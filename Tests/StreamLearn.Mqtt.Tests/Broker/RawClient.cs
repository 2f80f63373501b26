namespace StreamLearn.Mqtt.Tests;

/// <summary>A socket that sends what it is told, as bytes.</summary>
internal sealed class RawClient : IDisposable
{
    /// <summary>CONNECT of MQTT 5 and of 3.1.1, client <c>h</c>, a clean session.</summary>
    internal const string Connect5 = "10 0E 00 04 4D 51 54 54 05 02 00 00 00 00 01 68";
    internal const string Connect311 = "10 0D 00 04 4D 51 54 54 04 02 00 00 00 01 68";
    private readonly TcpClient _client = new() { NoDelay = true };

    private RawClient()
    {
    }

    internal NetworkStream Stream { get; private set; } = null!;

    /// <summary>True if the broker has kept its session.</summary>
    internal bool HasSession { get; private set; }

    /// <summary>CONNECT of MQTT 5 that begins no new session.</summary>
    /// <param name="client">Its name.</param>
    /// <param name="expiry">Seconds for which its session is kept.</param>
    /// <param name="maxPacket">Bytes of the largest packet that it takes.</param>
    /// <param name="login">User name and password; null: none.</param>
    internal static string Connect(string client, int expiry, int maxPacket = 1 << 20, (string User, string Password)? login = null)
    {
        var flags = login is null ? "00" : "C0";
        var rest = $"00 04 4D 51 54 54 05 {flags} 00 00 0A 11 {expiry:X8} 27 {maxPacket:X8} {Text(client)}";
        if (login is var (user, password)) { rest += Text(user) + Text(password); }
        return $"10 {rest.Replace(" ", "", StringComparison.Ordinal).Length / 2:X2} {rest}";
    }

    internal static string Text(string text) => $"{text.Length:X4}{Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(text))}";

    internal static async Task<RawClient> OpenAsync(IPEndPoint server, string hex)
    {
        var client = new RawClient();
        await client._client.ConnectAsync(server, Cancellation);
        client.Stream = client._client.GetStream();
        await client.SendAsync(hex);
        return client;
    }

    /// <summary>Opens one, and waits until it is let in.</summary>
    internal static async Task<RawClient> ConnectAsync(IPEndPoint server, string connect = Connect5)
    {
        var client = await OpenAsync(server, connect);
        var answer = new byte[2];
        await client.Stream.ReadExactlyAsync(answer, Cancellation);
        var body = new byte[answer[1]];
        await client.Stream.ReadExactlyAsync(body, Cancellation);
        Assert.Equal(0x20, answer[0]);
        client.HasSession = body[0] == 1;
        return client;
    }

    internal async Task UntilSentAsync(string hex)
    {
        var (wanted, seen) = (Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), new List<byte>());
        var buffer = new byte[4096];
        while (!seen.ToArray().AsSpan().EndsWith(wanted))
        {
            var read = await Stream.ReadAsync(buffer, Cancellation);
            Assert.NotEqual(0, read);
            seen.AddRange(buffer[..read]);
        }
    }

    internal async Task SendAsync(string hex)
    {
        try { await Stream.WriteAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Cancellation); }
        catch (IOException)
        {
            // it was closed already
        }
    }

    /// <summary>True if the server closes it; false: it answers a ping after what was sent.</summary>
    internal async Task<bool> IsClosedAsync()
    {
        await SendAsync("C0 00");
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var read = await Stream.ReadAsync(buffer, Cancellation);
                if (read == 0) { return true; }
                if (buffer.AsSpan(0, read).IndexOf([(byte)0xD0, (byte)0]) >= 0) { return false; }
            }
        }
        catch (IOException) { return true; }
    }

    public void Dispose()
    {
        Stream.Dispose();
        _client.Dispose();
    }
}
