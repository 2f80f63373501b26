namespace StreamLearn.Programs;

/// <summary>The section <c>record</c>: where runs are recorded, and what of them. <paramref name="MaxBytes"/>: of a file.</summary>
internal sealed record RecordConfig(DirectoryInfo Folder, bool KeepsContent, long MaxBytes)
{
    private const string Order = "order", Content = "content";

    /// <summary>Null: nothing is recorded.</summary>
    internal static RecordConfig? Read(ConfigMap map) => map["record"].IsAbsent ? null : map.Section("record", static m =>
    {
        var folder = m["folder"].Text().Required();
        return new RecordConfig(new(m["folder"].PathOf(folder)), m["keep"].Word(Order, Content).Or(Order) == Content,
            m["size"].Size(1 << 20, 1L << 40).Or(1L << 30));
    });
}
