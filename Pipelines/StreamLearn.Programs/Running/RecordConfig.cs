namespace StreamLearn.Programs;

/// <summary>The section <c>record</c>: where runs are recorded, and which parts of them. <paramref name="MaxBytes"/>: maximum size of a
/// file.</summary>
internal sealed record RecordConfig(DirectoryInfo Folder, bool KeepsContent, long MaxBytes)
{
    private const string Order = "order", Content = "content";

    /// <summary>Null: nothing is recorded. <paramref name="refusal"/>: why it cannot be; null: it can.</summary>
    internal static RecordConfig? Read(ConfigMap map, string? refusal = null) =>
        map["record", "records runs, for `streamlearn replay`"].Optional(m =>
    {
        if (refusal is not null) { map["record"].Refuse(refusal); }
        var folder = m["folder", "a file of each start of the sensor or aggregator"].As("folder").Text().Required();
        var keep = m["keep", "the order of all calls, or also the messages that arrive and a hash of those that are published"];
        return new RecordConfig(new(folder.Length > 0 ? m["folder"].PathOf(folder) : "."), keep.Word(Order, Content).Or(Order) == Content,
            m["size", "of a file; then the recording ends, and the devices go on"].Size(1 << 20, 1L << 40).Or(1L << 30));
    });
}
