namespace StreamLearn;

/// <summary>Messages in a state.</summary>
public static class MessageStates
{
    /// <summary>A message. One that is read is the caller's.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="s">Writes or reads it.</param>
    /// <param name="value">The message.</param>
    /// <param name="codec">Turns it into bytes, and back.</param>
    /// <exception cref="StateException">The bytes that are read are no such message.</exception>
    public static void Value<T>(this ref StateStream s, ref T value, ICodec<T> codec)
        where T : class => value = s.Value(value, codec);

    /// <inheritdoc cref="Value{T}(ref StateStream, ref T, ICodec{T})" />
    public static T Value<T>(this ref StateStream s, T? value, ICodec<T> codec)
        where T : class
    {
        if (s.IsReading) { return s.Reader.Read(codec); }
        s.Writer.Write(codec, value!);
        return value!;
    }

    /// <summary>A message, or none. One that is read is the caller's.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="s">Writes or reads it.</param>
    /// <param name="value">The message; null for none.</param>
    /// <param name="codec">Turns it into bytes, and back.</param>
    /// <exception cref="StateException">The bytes that are read are no such message.</exception>
    public static void Optional<T>(this ref StateStream s, ref T? value, ICodec<T> codec)
        where T : class => value = s.Optional(value, codec);

    /// <inheritdoc cref="Optional{T}(ref StateStream, ref T, ICodec{T})" />
    public static T? Optional<T>(this ref StateStream s, T? value, ICodec<T> codec)
        where T : class => s.Value(value is not null) ? s.Value(value, codec) : null;

    extension(MessageCodec)
    {
        /// <summary>Saves messages field by field.</summary>
        /// <typeparam name="T">The messages.</typeparam>
        /// <param name="name">The name of the form, with its version: <c>evaluation/1</c>.</param>
        /// <param name="state">The state of a message; when reading, it is given null and assigns a message.</param>
        public static MessageCodec Of<T>(string name, StateOf<T> state)
            where T : class
        {
            ArgumentNullException.ThrowIfNull(state);
            return MessageCodec.Of(name,
                (StateWriter writer, T message) =>
                {
                    StateStream s = new(writer);
                    state(ref s, ref message);
                },
                (ref StateReader reader) =>
                {
                    StateStream s = new(reader);
                    T message = null!;
                    state(ref s, ref message);
                    reader = s.Reader;
                    return message;
                });
        }
    }

    internal static void State(this SessionWatch sessions, ref StateStream s)
    {
        if (s.IsReading) { sessions.Load(ref s.Reader); }
        else { sessions.Save(s.Writer); }
    }

    internal static void State(this TopicLevels levels, ref StateStream s)
    {
        if (s.IsReading) { levels.Load(ref s.Reader); }
        else { levels.Save(s.Writer); }
    }
}
