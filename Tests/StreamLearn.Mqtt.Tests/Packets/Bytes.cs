namespace StreamLearn.Mqtt.Tests;

/// <summary>Packets as bytes, and back.</summary>
internal static class Bytes
{
    /// <summary>Bytes of a text such as <c>"20 02 'MQTT' 00"</c>: hexadecimal numbers, and ASCII between apostrophes.</summary>
    internal static byte[] Of(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == ' ') { i++; }
            else if (text[i] == '\'')
            {
                var end = text.IndexOf('\'', i + 1);
                bytes.AddRange(Encoding.ASCII.GetBytes(text[(i + 1)..end]));
                i = end + 1;
            }
            else
            {
                bytes.Add(Convert.FromHexString(text.AsSpan(i, 2))[0]);
                i += 2;
            }
        }
        return [.. bytes];
    }

    internal static byte[] Of(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    internal static Frame Frame(ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(FrameState.Whole, PacketCutter.Next(bytes, int.MaxValue, out var frame, out var consumed, out var fault));
        Assert.Equal(bytes.Length, consumed);
        Assert.Null(fault.Text);
        return frame;
    }
}
