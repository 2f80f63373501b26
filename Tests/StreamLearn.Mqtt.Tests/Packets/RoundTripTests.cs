using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What is written comes back, whatever is in it.</summary>
public sealed class RoundTripTests
{
    private static readonly Gen<MqttVersion> Versions = Gen.Elements(MqttVersion.V311, MqttVersion.V5);
    private static readonly Gen<ushort> Ids = Gen.Choose(1, ushort.MaxValue).Select(static i => (ushort)i);
    private static readonly Gen<uint> Numbers = Gen.Elements(0u, 1u, 255u, 256u, 65_535u, 65_536u, 0x7FFF_FFFFu, uint.MaxValue);

    private static readonly Gen<string> Texts = Gen
        .Elements("a", "/", "0", " ", "ü", "€", "😀", "\u0001", "\uFEFF", "\uFFFF", "sensor", "$", "{}", "\"", "\n")
        .ListOf().Select(static parts => string.Concat(parts));

    private static readonly Gen<string> LongTexts =
        Gen.Frequency((20, Texts), (1, Gen.Choose(0, 65_535).Select(static n => new string('x', n))));

    private static readonly Gen<string> Topics = Texts.Select(static text => text.Length == 0 ? "t" : text);

    private static readonly Gen<byte[]> Payloads = Gen.Frequency((9, Gen.Choose(0, 40)), (1, Gen.Choose(0, 70_000)))
        .Select(static n => Enumerable.Range(0, n).Select(i => (byte)(i * 31 + n)).ToArray());

    [Fact]
    public void Messages()
    {
        var messages =
            from version in Versions
            from sender in Gen.Elements(Sender.Server, Sender.Client)
            from topic in Topics
            from payload in Payloads
            from qos in Gen.Choose(0, 2)
            from bits in Gen.Choose(0, 255)
            from id in Ids
            from expiry in Numbers
            from texts in LongTexts.ArrayOf(3)
            from pairs in (from name in Texts from value in LongTexts select new KeyValuePair<string, string>(name, value)).ArrayOf()
            select (version, sender, topic, payload, qos, bits, id, expiry, texts, pairs);

        Hold(messages, static message =>
        {
            var (version, sender, topic, payload, qos, bits, id, expiry, texts, pairs) = message;
            var isV5 = version == MqttVersion.V5;
            var alias = (bits & 4) != 0 ? id : (ushort)0;
            var response = (bits & 32) != 0 ? topic : "";
            var isDuplicate = qos > 0 && (bits & 1) != 0;
            var bytes = Bytes.Of(output =>
            {
                var publish = new OutgoingPublish
                {
                    Topic = Utf8(isV5 && alias != 0 && (bits & 64) != 0 ? "" : topic),
                    Payload = Split(payload, bits),
                    Qos = (byte)qos,
                    Retain = (bits & 2) != 0,
                    TopicAlias = alias,
                    ExpirySeconds = (bits & 8) != 0 ? expiry : null,
                    ContentType = Utf8(texts[0]),
                    CorrelationData = Utf8(texts[1]),
                    ResponseTopic = Utf8(response),
                    UserProperties = pairs,
                };
                PacketWriter.Publish(output, version, publish, id, isDuplicate);
                Assert.Equal(((ArrayBufferWriter<byte>)output).WrittenCount, PacketWriter.Size(version, publish));
            });
            Assert.True(PacketReader.TryRead(Bytes.Frame(bytes), version, out PublishPacket packet, out var fault, sender), fault.Text);
            Assert.Equal(isV5 && alias != 0 && (bits & 64) != 0 ? "" : topic, Encoding.UTF8.GetString(packet.Topic));
            Assert.True(packet.Payload.SequenceEqual(payload));
            Assert.Equal((qos, qos > 0 ? id : (ushort)0), (packet.Qos, packet.PacketId));
            Assert.Equal(((bits & 2) != 0, isDuplicate), (packet.Retain, packet.Duplicate));
            Assert.Equal(isV5 ? alias : 0, packet.TopicAlias);
            Assert.Equal(isV5 && (bits & 8) != 0 ? expiry : null, packet.ExpirySeconds);
            Assert.Equal(isV5 ? texts[0] : "", Encoding.UTF8.GetString(packet.ContentType));
            Assert.Equal(isV5 ? texts[1] : "", Encoding.UTF8.GetString(packet.CorrelationData));
            Assert.Equal(isV5 ? response : "", Encoding.UTF8.GetString(packet.ResponseTopic));
            Assert.Equal(isV5 ? pairs : [], Pairs(packet.Properties));
        });
    }

    [Fact]
    public void Connections()
    {
        var connections =
            from version in Versions
            from texts in Texts.ArrayOf(4)
            from topic in Topics
            from bits in Gen.Choose(0, 255)
            from numbers in Numbers.ArrayOf(4)
            from alias in Ids
            from qos in Gen.Choose(0, 2)
            select (version, texts, topic, bits, numbers, alias, qos);

        Hold(connections, static connection =>
        {
            var (version, texts, topic, bits, numbers, alias, qos) = connection;
            var isV5 = version == MqttVersion.V5;
            var (hasUser, hasWill) = ((bits & 1) != 0, (bits & 4) != 0);
            var hasPassword = (bits & 2) != 0 && (isV5 || hasUser);
            var bytes = Bytes.Of(output => PacketWriter.Connect(output, new()
            {
                Version = version,
                ClientId = texts[0],
                CleanStart = (bits & 8) != 0 || texts[0].Length == 0,
                KeepAliveSeconds = (ushort)numbers[0],
                UserName = hasUser ? texts[1] : null,
                Password = hasPassword ? Utf8(texts[2]) : default,
                HasPassword = hasPassword,
                SessionExpirySeconds = numbers[1],
                ReceiveMaximum = alias,
                MaximumPacketSize = Math.Max(1, numbers[2]),
                TopicAliasMaximum = alias,
                Will = !hasWill ? null : new(topic, Utf8(texts[3]))
                {
                    Qos = qos,
                    Retain = (bits & 16) != 0,
                    Delay = TimeSpan.FromSeconds(numbers[3]),
                },
            }));
            Assert.True(RequestReader.TryRead(Bytes.Frame(bytes), out ConnectPacket packet, out var fault), fault.Text);
            Assert.Equal((version, texts[0], (ushort)numbers[0]), (packet.Version, packet.ClientId, packet.KeepAliveSeconds));
            Assert.Equal((bits & 8) != 0 || texts[0].Length == 0, packet.CleanStart);
            Assert.Equal((hasUser ? texts[1] : null, hasPassword), (packet.UserName, packet.HasPassword));
            Assert.Equal(hasPassword ? texts[2] : "", Encoding.UTF8.GetString(packet.Password));
            Assert.Equal(
                isV5 ? (numbers[1], alias, Math.Max(1, numbers[2]), alias) : (0, ushort.MaxValue, uint.MaxValue, (ushort)0),
                (packet.SessionExpirySeconds, packet.ReceiveMaximum, packet.MaximumPacketSize, packet.TopicAliasMaximum));
            Assert.Equal(hasWill ? topic : null, packet.Will?.Topic.Value);
            if (packet.Will is not { } will) { return; }
            Assert.Equal(texts[3], Encoding.UTF8.GetString(will.Payload.Span));
            Assert.Equal((qos, (bits & 16) != 0, isV5 ? numbers[3] : 0), (will.Qos, will.Retain, (uint)will.Delay.TotalSeconds));
        });
    }

    [Fact]
    public void Answers_to_connections()
    {
        var answers =
            from texts in LongTexts.ArrayOf(6)
            from bits in Gen.Choose(0, 255)
            from numbers in Numbers.ArrayOf(3)
            from id in Ids
            select (texts, bits, numbers, id);

        Hold(answers, static answer =>
        {
            var (texts, bits, numbers, id) = answer;
            var method = texts[4].Length == 0 ? "m" : texts[4];
            var bytes = Bytes.Of(output => ServerPackets.ConnAck(output, MqttVersion.V5, new()
            {
                SessionPresent = (bits & 1) != 0,
                Reason = (bits & 1) != 0 ? MqttReason.Success : MqttReason.ServerMoved,
                ReceiveMaximum = id,
                MaximumQos = (byte)(bits % 3),
                RetainAvailable = (bits & 2) != 0,
                MaximumPacketSize = Math.Max(1, numbers[0]),
                TopicAliasMaximum = id,
                WildcardsAvailable = (bits & 4) != 0,
                SharedSubscriptionsAvailable = (bits & 8) != 0,
                SubscriptionIdentifiersAvailable = (bits & 16) != 0,
                SessionExpirySeconds = (bits & 32) != 0 ? numbers[1] : null,
                ServerKeepAliveSeconds = (bits & 64) != 0 ? (ushort)numbers[2] : null,
                AssignedClientId = Utf8(texts[0]),
                ReasonText = Utf8(texts[1]),
                ServerReference = Utf8(texts[2]),
                ResponseInformation = Utf8(texts[3]),
                AuthenticationMethod = Utf8(method),
                AuthenticationData = Utf8(texts[5]),
            }));
            Assert.True(PacketReader.TryRead(Bytes.Frame(bytes), MqttVersion.V5, out ConnAckPacket packet, out var fault), fault.Text);
            Assert.Equal(((bits & 1) != 0, id, bits % 3), (packet.SessionPresent, packet.ReceiveMaximum, packet.MaximumQos));
            Assert.Equal((bits & 1) != 0 ? MqttReason.Success : MqttReason.ServerMoved, packet.Reason);
            Assert.Equal((Math.Max(1, numbers[0]), id), (packet.MaximumPacketSize, packet.TopicAliasMaximum));
            Assert.Equal(((bits & 2) != 0, (bits & 4) != 0), (packet.RetainAvailable, packet.WildcardsAvailable));
            Assert.Equal(
                ((bits & 8) != 0, (bits & 16) != 0), (packet.SharedSubscriptionsAvailable, packet.SubscriptionIdentifiersAvailable));
            Assert.Equal((bits & 32) != 0 ? numbers[1] : null, packet.SessionExpirySeconds);
            Assert.Equal((bits & 64) != 0 ? (ushort)numbers[2] : null, packet.ServerKeepAliveSeconds);
            Assert.Equal(texts[0], Encoding.UTF8.GetString(packet.AssignedClientId));
            Assert.Equal(texts[1], Encoding.UTF8.GetString(packet.ReasonText));
            Assert.Equal(texts[2], Encoding.UTF8.GetString(packet.ServerReference));
            Assert.Equal(texts[3], Encoding.UTF8.GetString(packet.ResponseInformation));
            Assert.Equal(method, Encoding.UTF8.GetString(packet.AuthenticationMethod));
            Assert.Equal(texts[5], Encoding.UTF8.GetString(packet.AuthenticationData));
        });
    }

    [Fact]
    public void Subscriptions()
    {
        var filters =
            from levels in Gen.Elements("a", "+", "", "ü", "$x", "1").ArrayOf()
            from hash in Gen.Elements("", "/#")
            from share in Gen.Elements("", "", "$share/g/")
            from options in Gen.Choose(0, 255)
            let filter = string.Join('/', levels) + hash
            select new FilterRequest(
                share + (filter.Length == 0 ? "#" : filter), (byte)(options % 3), share.Length == 0 && (options & 8) != 0,
                (options & 16) != 0, (byte)(options / 3 % 3));
        var requests =
            from version in Versions
            from id in Ids
            from first in filters
            from others in filters.ArrayOf()
            select (version, id, (FilterRequest[])[first, .. others]);

        Hold(requests, static request =>
        {
            var (version, id, filters) = request;
            var (asked, dropped) = (new List<FilterRequest>(), new List<FilterRequest>());
            var subscribe = Bytes.Of(o => PacketWriter.Subscribe(o, version, id, filters));
            var unsubscribe = Bytes.Of(o => PacketWriter.Unsubscribe(o, version, id, [.. filters.Select(f => f.Filter)]));
            Assert.True(RequestReader.TryRead(Bytes.Frame(subscribe), version, out var asking, asked, out var fault), fault.Text);
            Assert.True(RequestReader.TryRead(Bytes.Frame(unsubscribe), version, out var dropping, dropped, out fault), fault.Text);
            Assert.Equal((id, id), (asking, dropping));
            Assert.Equal(version == MqttVersion.V5 ? filters : [.. filters.Select(f => new FilterRequest(f.Filter, f.Qos))], asked);
            Assert.Equal(filters.Select(f => f.Filter), dropped.Select(f => f.Filter));
        });
    }

    [Fact]
    public void Acknowledgements_and_ends_of_all_reasons()
    {
        PacketType[] types =
            [PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp, PacketType.SubAck, PacketType.UnsubAck];
        var refusal = $"fault ProtocolError: {PacketFaults.Code.Text}";
        foreach (var reason in Enumerable.Range(0, 256).Select(static i => (MqttReason)i))
        {
            foreach (var type in types)
            {
                var isAck = type is not (PacketType.SubAck or PacketType.UnsubAck);
                var bytes = isAck
                    ? Bytes.Of(o => PacketWriter.Ack(o, MqttVersion.V5, type, 9, reason))
                    : Bytes.Of(o => ServerPackets.SubAck(o, MqttVersion.V5, type, 9, [0, (byte)reason]));
                var said = $"{type.ToString().ToUpperInvariant()} id=9 {(isAck ? $"{reason}" : $"[00{(int)reason:X2}]")}";
                var isAllowed = PacketReasons.IsOf(type, Sender.Server, reason);
                Assert.Equal(isAllowed ? said : refusal, Reading.Of(bytes, MqttVersion.V5));
            }
            foreach (var sender in Enum.GetValues<Sender>())
            {
                var end = Bytes.Of(o => PacketWriter.Disconnect(o, MqttVersion.V5, reason));
                var isAllowed = PacketReasons.IsOf(PacketType.Disconnect, sender, reason);
                Assert.Equal(isAllowed ? $"DISCONNECT {reason}" : refusal, Reading.Of(end, MqttVersion.V5, sender));
            }
        }
    }

    private static void Hold<T>(Gen<T> values, Action<T> promise) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(20250101, 7), Prop.ForAll(values.ToArbitrary(), promise));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static ReadOnlySequence<byte> Split(byte[] payload, int at) =>
        at < payload.Length ? Segments.Of(payload[..at], payload[at..]) : new(payload);

    private static List<KeyValuePair<string, string>> Pairs(PropertyList properties)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var pair in properties) { pairs.Add(new(Encoding.UTF8.GetString(pair.Name), Encoding.UTF8.GetString(pair.Value))); }
        return pairs;
    }
}
