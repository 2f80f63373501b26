using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace StreamLearn.Mqtt;

/// <summary>Rules for strings, topic names and filters. Source: MQTT 5.0, 1.5.4 and 4.7.</summary>
internal static class PacketText
{
    /// <summary>ASCII without NUL and wildcards, which needs no further check</summary>
    private static readonly SearchValues<byte> PlainTopic = SearchValues.Create(
        [.. Enumerable.Range(1, 127).Select(static i => (byte)i).Where(static b => b is not ((byte)'+' or (byte)'#'))]);

    /// <summary>UTF-8 without NUL; the standard leaves other control characters to receivers.</summary>
    internal static bool IsText(ReadOnlySpan<byte> text) => !text.Contains((byte)0) && Utf8.IsValid(text);

    internal static bool IsText(ReadOnlySpan<char> text)
    {
        while (Rune.DecodeFromUtf16(text, out var rune, out var length) == OperationStatus.Done && rune.Value != 0)
        {
            text = text[length..];
        }

        return text.IsEmpty;
    }

    internal static bool IsPlainTopic(ReadOnlySpan<byte> topic) => !topic.IsEmpty && topic.IndexOfAnyExcept(PlainTopic) < 0;

    internal static MqttFault? TopicFault(ReadOnlySpan<byte> topic)
    {
        var odd = topic.IndexOfAnyExcept(PlainTopic);
        if (odd < 0) { return null; }
        var rest = topic[odd..];
        return !IsText(rest) ? PacketFaults.IllFormedText : rest.ContainsAny((byte)'+', (byte)'#') ? PacketFaults.WildcardInTopic : null;
    }

    /// <summary>Requires that wildcards are alone in a level, <c>#</c> is last, and <c>$share/name/filter</c> is complete.</summary>
    internal static MqttFault? FilterFault(ReadOnlySpan<byte> filter)
    {
        if (filter.IsEmpty) { return PacketFaults.EmptyFilter; }
        if (!IsText(filter)) { return PacketFaults.IllFormedText; }
        if (IsShared(filter))
        {
            var name = filter[7..];
            var end = name.IndexOf((byte)'/');
            if (end <= 0 || end == name.Length - 1 || name[..end].ContainsAny((byte)'+', (byte)'#')) { return PacketFaults.SharedName; }
            filter = name[(end + 1)..];
        }

        while (true)
        {
            var end = filter.IndexOf((byte)'/');
            var level = end < 0 ? filter : filter[..end];
            if (level.Contains((byte)'#') && (level.Length > 1 || end >= 0)) { return PacketFaults.HashInFilter; }
            if (level.Contains((byte)'+') && level.Length > 1) { return PacketFaults.PlusInFilter; }
            if (end < 0) { return null; }
            filter = filter[(end + 1)..];
        }
    }

    internal static bool IsShared(ReadOnlySpan<byte> filter) => filter.StartsWith("$share/"u8);

    internal static bool IsShared(ReadOnlySpan<char> filter) => filter.StartsWith("$share/");
}
