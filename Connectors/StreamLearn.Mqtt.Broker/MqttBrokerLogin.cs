using System.Collections.Immutable;
using System.Security.Cryptography;

namespace StreamLearn.Mqtt;

/// <summary>A user who may connect to an <see cref="MqttBroker"/>, and what it may do there. It prints without its password.</summary>
public sealed class MqttBrokerLogin
{
    private readonly byte[] _digest;

    /// <summary>Makes one.</summary>
    /// <param name="userName">Its name.</param>
    /// <param name="password">Its password; only a digest is kept.</param>
    public MqttBrokerLogin(string userName, ReadOnlySpan<byte> password)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        UserName = userName;
        _digest = SHA256.HashData(password);
    }

    /// <summary>The name.</summary>
    public string UserName { get; }

    /// <summary>Filters of the topics that it may publish on. Default: none.</summary>
    public ImmutableArray<string> Publish { get; init; } = [];

    /// <summary>Filters of the topics that it may read: it may subscribe to each filter that takes in no other topic. Default:
    /// none.</summary>
    public ImmutableArray<string> Subscribe { get; init; } = [];

    /// <summary>True: it may let the broker retain messages, as far as there is room for them. Default true.</summary>
    public bool MayRetain { get; init; } = true;

    /// <inheritdoc />
    public override string ToString() => UserName;

    /// <summary>True if this is its password; takes as long for each wrong one.</summary>
    internal bool Has(ReadOnlySpan<byte> password) => CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(password));

    internal bool MayPublish(string topic) => TopicRights.AnyCovers(Publish, topic);

    internal bool MaySubscribe(string filter) => TopicRights.AnyCovers(Subscribe, filter);
}
