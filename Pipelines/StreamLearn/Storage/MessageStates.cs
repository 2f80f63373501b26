namespace StreamLearn;

/// <summary>Messages that are saved field by field.</summary>
public static class MessageStates
{
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
}
