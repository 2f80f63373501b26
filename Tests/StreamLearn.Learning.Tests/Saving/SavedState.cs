namespace StreamLearn.Learning.Tests;

/// <summary>The bytes of a state, and what becomes of them when they are cut or changed.</summary>
internal sealed class SavedState(byte[] bytes)
{
    internal delegate void Stated(ref StateStream s);

    /// <summary>Bytes.</summary>
    internal int Length => bytes.Length;

    internal static SavedState Of(Stated state)
    {
        var buffer = new StateBuffer();
        StateStream s = new(buffer);
        state(ref s);
        return new(buffer.Written.ToArray());
    }

    /// <summary>Has a state taken up, to its end.</summary>
    internal void Into(Stated state) => Read(bytes, state);

    /// <summary>Has it taken up cut, and with each of its bytes changed, and expects that it is refused, or is another state.</summary>
    internal void DamagedInto(Func<Stated> make)
    {
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.IsType<StateException>(Record.Exception(() => Read(bytes.AsSpan(0, length), make())));
        }

        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var bits in new byte[] { 1, 0x80, 0xFF })
            {
                var changed = (byte[])bytes.Clone();
                changed[at] ^= bits;
                var failure = Record.Exception(() => Read(changed, make()));
                Assert.True(failure is null or StateException, $"byte {at}: {failure}");
            }
        }
    }

    private static void Read(ReadOnlySpan<byte> bytes, Stated state)
    {
        StateStream s = new(bytes, new());
        state(ref s);
        if (!s.HasEnded) { throw new StateException("expected the state to end"); }
    }
}
