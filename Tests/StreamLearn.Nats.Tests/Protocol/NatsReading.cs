using System.Globalization;
using System.Text;

namespace StreamLearn.Nats.Tests;

/// <summary>What the reader makes of bytes, as text.</summary>
internal static class NatsReading
{
    internal const int MaximumPayload = 1000;

    /// <summary>Bytes of a text in which each character is one byte.</summary>
    internal static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>The first operation: what it says, <c>more</c>, or <c>fault</c> with its kind and text.</summary>
    internal static string Of(ReadOnlySpan<byte> bytes, out int consumed, int maximumPayload = MaximumPayload)
    {
        var state = NatsCutter.Next(bytes, maximumPayload, out var frame, out consumed, out var fault);
        if (state == NatsFrameState.More) { return "more"; }
        if (state == NatsFrameState.Fault) { return TextOf(fault); }
        if (frame.Operation != NatsOperation.Info) { return TextOf(frame); }
        return ServerInfoReader.TryRead(frame.Text, out var info, out fault)
            ? $"Info {info.ServerId} {info.Version} {info.MaxPayload}"
            : TextOf(fault);
    }

    /// <summary>All operations, as the bytes come to a connection in two pieces.</summary>
    internal static List<string> All(byte[] bytes, int cut)
    {
        var (read, start) = (new List<string>(), 0);
        foreach (var end in (ReadOnlySpan<int>)[cut, bytes.Length])
        {
            while (true)
            {
                var text = Of(bytes.AsSpan(start, end - start), out var consumed);
                start += consumed;
                if (text != "more") { read.Add(text); }
                if (consumed == 0) { break; }
            }
        }

        if (start < bytes.Length) { read.Add($"{bytes.Length - start} left"); }
        return read;
    }

    private static string TextOf(NatsFault fault) => $"fault {(fault.IsOfMessage ? "of message" : "of stream")}: {fault.Text}";

    private static string TextOf(in NatsFrame frame)
    {
        if (frame.Operation != NatsOperation.Message) { return $"{frame.Operation} {Encoding.UTF8.GetString(frame.Text)}".TrimEnd(); }
        var text = new StringBuilder("Message ").Append(Encoding.UTF8.GetString(frame.Subject));
        text.Append(CultureInfo.InvariantCulture, $" {frame.SubscriptionId} '{Encoding.UTF8.GetString(frame.ReplyTo)}'");
        if (frame.HeaderLength > 0)
        {
            var headers = frame.Headers;
            text.Append(CultureInfo.InvariantCulture, $" status={headers.Status}:{Encoding.UTF8.GetString(headers.Description)}");
            foreach (var header in headers)
            {
                text.Append(' ').Append(Encoding.UTF8.GetString(header.Name)).Append('=');
                text.Append(Encoding.UTF8.GetString(header.Value)).Append(';');
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $" [{Encoding.Latin1.GetString(frame.Payload)}]").ToString();
    }
}
