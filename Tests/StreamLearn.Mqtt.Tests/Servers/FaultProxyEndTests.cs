namespace StreamLearn.Mqtt.Tests;

/// <summary>The proxy of the tests ends whenever it is told to.</summary>
public sealed class FaultProxyEndTests
{
    [Fact]
    public async Task It_ends_while_somebody_connects()
    {
        for (var i = 0; i < 500; i++)
        {
            var proxy = new FaultProxy(LoopbackPort.Take());       // nobody is behind it
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var connecting = client.ConnectAsync(IPAddress.Loopback, proxy.Port, Cancellation).AsTask();
            if (i % 2 == 0) { await Record.ExceptionAsync(() => ScriptedServer.Patiently(connecting)); }      // the proxy may reset it
            await ScriptedServer.Patiently(proxy.DisposeAsync().AsTask());
            Assert.True(await Record.ExceptionAsync(() => ScriptedServer.Patiently(connecting)) is null or SocketException);
        }
    }
}
