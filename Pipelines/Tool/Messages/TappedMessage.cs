using System.Buffers;

namespace Tool;

internal readonly record struct TappedMessage(Message Message, ReadOnlySequence<byte> Payload, Envelope? Envelope, string? Fault)
{
    /// <summary>The encoding of texts; null: UTF-8, or UTF-16 with a byte order mark.</summary>
    internal Encoding? Encoding { get; init; }

    internal Topic Topic => Message.Topic;

    internal static TappedMessage Of(Message message)
    {
        if (!StreamLearn.Envelope.IsOn(message.Topic)) { return new(message, message.Payload, null, null); }
        return StreamLearn.Envelope.TryRead(message.Payload, out var envelope, out var payload, out var fault)
            ? new(message, payload, envelope, null)
            : new(message, message.Payload, null, InWords(fault));
    }

    private static string InWords(string fault) => fault switch
    {
        "cut" => "cut short",
        "magic" => "of another program",
        "version" => "of an unknown version",
        "length" => "of another length than it says",
        "checksum" => "damaged",
        "flags" => "with unknown flags",
        "name" => "with a bad name",
        _ => "with a number out of range",
    };
}
