namespace StreamLearn.Mqtt.Tests;

/// <summary>What every transport promises, over mosquitto.</summary>
public sealed class TransportContractTests : IAsyncLifetime
{
    private Mosquitto _server = null!;

    public static TheoryData<MqttVersion, string> Rules
    {
        get
        {
            var rules = new TheoryData<MqttVersion, string>();
            foreach (var rule in TransportContract.Rules)
            {
                rules.Add(MqttVersion.V5, rule);
                if (rule != "properties") { rules.Add(MqttVersion.V311, rule); }        // 3.1.1 has none
            }
            return rules;
        }
    }

    public async ValueTask InitializeAsync() => _server = await Mosquitto.StartAsync();
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Rules))]
    public Task The_transport_keeps_the_contract(MqttVersion version, string rule) =>
        TransportContract.CheckAsync(rule, new MqttTransport(new() { Server = _server.Uri, Version = version }));
}
