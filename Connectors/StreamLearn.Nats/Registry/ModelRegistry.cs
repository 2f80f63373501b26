using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>Versions of models on a NATS server: one entry per version in a key-value bucket, and the bytes in an object store with the
/// same name.</summary>
/// <remarks>Versions are immutable and never deleted. The latest is a separate key and may move back or be pinned. All methods also throw
/// <see cref="TransportException"/> if the server refused or did not answer within the connection's <see cref="NatsOpts.RequestTimeout"/>;
/// a full store refuses at once. A canceled token stops waiting; the request may still be executed.</remarks>
public sealed class ModelRegistry
{
    private const string Latest = "latest";
    private const string Pin = "latest.pin";    // three levels, so that older readers do not find it
    private const int MaxModelBytes = 1 << 30;
    private const int Tries = 100;
    private readonly RegistryStores _stores;

    private ModelRegistry(RegistryStores stores) => _stores = stores;

    /// <summary>The default name: <c>models</c>.</summary>
    public static string DefaultName => "models";

    /// <summary>Opens the registry <see cref="DefaultName"/>; creates it if it is missing, without a limit on bytes.</summary>
    public static Task<ModelRegistry> OpenAsync(INatsConnection connection, CancellationToken cancellationToken) =>
        OpenAsync(connection, DefaultName, maxBytes: -1, replicas: 1, cancellationToken);

    /// <summary>Opens a registry; creates it if it is missing. An existing one keeps its settings.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="name">Name of letters, digits, <c>-</c>, <c>_</c>.</param>
    /// <param name="maxBytes">Maximum size of the entries in bytes, and of the models; −1: unlimited.</param>
    /// <param name="replicas">Servers with a copy, 1 to 5.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static async Task<ModelRegistry> OpenAsync(
        INatsConnection connection, string name, long maxBytes, int replicas, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var options = new ModelRegistryOptions { Name = name, MaxBytes = maxBytes, Replicas = replicas }.Checked();
        var stores = await RegistryStores.OpenAsync(connection, options.Name, options, cancellationToken).ConfigureAwait(false);
        return new(stores!);
    }

    /// <summary>Opens an existing registry; returns null if there is none.</summary>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
    public static async Task<ModelRegistry?> FindAsync(INatsConnection connection, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        name = new ModelRegistryOptions { Name = name }.Checked().Name;
        return await RegistryStores.OpenAsync(connection, name, options: null, cancellationToken).ConfigureAwait(false) is { } stores
            ? new(stores) : null;
    }

    /// <summary>Registers a version, which becomes the latest if it is the highest and none is pinned. Registering the same bytes again
    /// changes nothing.</summary>
    /// <param name="model">The name of the model, any string.</param>
    /// <param name="version">The version, from 0; null: the next.</param>
    /// <param name="content">The bytes of the version; not kept after the call.</param>
    /// <param name="lineage">The origin of the version.</param>
    /// <param name="cancellationToken">Cancels the wait; the version may still be registered.</param>
    /// <exception cref="InvalidOperationException">The version exists with other bytes.</exception>
    /// <exception cref="ArgumentException">A metric is not finite, a number is out of range, or a string contains an unpaired
    /// surrogate.</exception>
    /// <exception cref="InvalidDataException">The entry of the existing version cannot be read.</exception>
    public async Task<RegisteredModel> AddAsync(
        string model, long? version, ReadOnlyMemory<byte> content, ModelLineage lineage, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(lineage);
        Require(lineage);
        ArgumentOutOfRangeException.ThrowIfNegative(version ?? 0, nameof(version));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxModelBytes, nameof(content));
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        for (var tries = 0; tries < Tries; tries++)
        {
            var number = version ?? await NextAsync(model, cancellationToken).ConfigureAwait(false);
            var entry = await _stores.ReadAsync(KeyOf(model, number), cancellationToken).ConfigureAwait(false);
            if (entry is { Value: not null } known)
            {
                if (Read(known) is { } there && there.Sha256 == sha256)
                {
                    // the writer may have ended before it made this the latest; never move back
                    var latest = await LatestEntryAsync(model, cancellationToken).ConfigureAwait(false);
                    if (latest is not { Value: not null } || latest.Value.Revision < known.Revision)
                    {
                        await RaiseLatestAsync(model, number, cancellationToken).ConfigureAwait(false);
                    }

                    return there;
                }

                if (version is null) { continue; }
                throw new InvalidOperationException(
                    $"version {number} of model '{model}' is already registered with other bytes: versions are immutable");
            }

            var made = new RegisteredModel
            {
                Model = model,
                Version = number,
                Lineage = lineage,
                Created = TimeProvider.System.GetUtcNow(),
                Bytes = content.Length,
                Sha256 = sha256,
            };
            var chunks = await _stores.StoreAsync(ObjectOf(made), content, cancellationToken).ConfigureAwait(false);
            var json = JsonSerializer.SerializeToUtf8Bytes(made, RegistryJson.Default.RegisteredModel);
            var (isFirst, isUsed) = (true, true);
            if (await _stores.TryWriteAsync(KeyOf(model, number), json, entry?.Revision ?? 0, cancellationToken).ConfigureAwait(false)
                is null)
            {
                // the entry belongs to another writer, or is ours with a lost answer: a second number would duplicate the version
                var first = await _stores.ReadAsync(KeyOf(model, number), cancellationToken).ConfigureAwait(false);
                isFirst = first is { Value: not null } && first.Value.Value.AsSpan().SequenceEqual(json);
                isUsed = first is { Value: not null } && Read(first.Value).Sha256 == sha256;
            }

            if (isFirst) { await RaiseLatestAsync(model, number, cancellationToken).ConfigureAwait(false); }
            // another writer of the same bytes may have replaced it
            await _stores.RemoveUnusedAsync(ObjectOf(made), chunks, isUsed).ConfigureAwait(false);
            if (!isFirst) { continue; }
            return made;
        }

        throw new TransportException($"model '{model}': gave up, because others registered versions at the same time", isTransient: true);
    }

    /// <summary>Gets a version; null: none.</summary>
    /// <exception cref="InvalidDataException">The entry of the version cannot be read.</exception>
    public async Task<RegisteredModel?> GetAsync(string model, long version, CancellationToken cancellationToken) =>
        await _stores.ReadAsync(KeyOf(model, version), cancellationToken).ConfigureAwait(false) is { Value: not null } entry
            ? Read(entry) : null;

    /// <summary>Gets the latest version; null: none.</summary>
    /// <exception cref="InvalidDataException">The entry of the version cannot be read.</exception>
    public async Task<RegisteredModel?> LatestAsync(string model, CancellationToken cancellationToken) =>
        NumberOf(await LatestEntryAsync(model, cancellationToken).ConfigureAwait(false)) is { } number
            ? await GetAsync(model, number, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Makes a version the latest, possibly an earlier one, until a higher one is registered.</summary>
    /// <exception cref="InvalidOperationException">The version does not exist, or a version is pinned.</exception>
    public async Task SetLatestAsync(string model, long version, CancellationToken cancellationToken)
    {
        await RequireAsync(model, version, cancellationToken).ConfigureAwait(false);
        if (await MoveLatestAsync(model, version, onlyUp: false, cancellationToken).ConfigureAwait(false)) { return; }
        throw new InvalidOperationException($"a version of model '{model}' is pinned: pin another one, or unpin it");
    }

    /// <summary>Keeps a version the latest until another is pinned or it is unpinned. Versions of this library without pins read it too,
    /// but override it when they register.</summary>
    /// <exception cref="InvalidOperationException">The version does not exist.</exception>
    public async Task PinAsync(string model, long version, CancellationToken cancellationToken)
    {
        await RequireAsync(model, version, cancellationToken).ConfigureAwait(false);

        // pin first: a writer that missed the pin read the latest version before this, so its write fails
        await _stores.WriteAsync($"{Level(model)}.{Pin}", NumberBytes(version), cancellationToken).ConfigureAwait(false);
        await _stores.WriteAsync($"{Level(model)}.{Latest}", NumberBytes(version), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the pin; the highest version is the latest again.</summary>
    /// <returns>False if none was pinned.</returns>
    public async Task<bool> UnpinAsync(string model, CancellationToken cancellationToken)
    {
        if (await PinnedAsync(model, cancellationToken).ConfigureAwait(false) is null) { return false; }
        await _stores.DeleteAsync($"{Level(model)}.{Pin}", cancellationToken).ConfigureAwait(false);
        var entries = await _stores.ListAsync(Filter(model), cancellationToken).ConfigureAwait(false);
        var highest = HighestOf(entries.Where(IsVersion).Select(static e => e.Key));
        if (highest >= 0) { await MoveLatestAsync(model, highest, onlyUp: true, cancellationToken).ConfigureAwait(false); }
        return true;
    }

    /// <summary>Gets the pinned version; null: none.</summary>
    public async Task<long?> PinnedAsync(string model, CancellationToken cancellationToken) =>
        NumberOf(await _stores.ReadAsync($"{Level(model)}.{Pin}", cancellationToken).ConfigureAwait(false));

    /// <summary>Reads the bytes of a version and verifies the digest.</summary>
    /// <exception cref="InvalidDataException">The bytes are missing or damaged.</exception>
    public async Task<byte[]> ReadAsync(RegisteredModel version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        var content = version.Bytes is < 0 or > MaxModelBytes ? null
            : await _stores.LoadAsync(ObjectOf(version), (int)version.Bytes, cancellationToken).ConfigureAwait(false);
        return content is not null && Convert.ToHexStringLower(SHA256.HashData(content)) == version.Sha256 ? content
            : throw new InvalidDataException(
                $"version {version.Version} of model '{PrintableText.Of(version.Model)}': its bytes are missing or damaged");
    }

    /// <summary>Lists all versions of a model (or of all models, if null) by model and number.</summary>
    /// <exception cref="InvalidDataException">An entry cannot be read.</exception>
    public async Task<IReadOnlyList<RegisteredModel>> ListAsync(string? model, CancellationToken cancellationToken)
    {
        var entries = await _stores.ListAsync(Filter(model), cancellationToken).ConfigureAwait(false);
        return [.. entries.Where(IsVersion).Select(Read).OrderBy(static v => v.Model, StringComparer.Ordinal)
            .ThenBy(static v => v.Version)];
    }

    /// <summary>Watches the latest versions, then changes, until canceled. It continues after connection losses.</summary>
    /// <param name="model">The model; null: all.</param>
    /// <param name="cancellationToken">Ends the sequence without an exception.</param>
    /// <exception cref="TransportException">The registry no longer exists.</exception>
    public async IAsyncEnumerable<RegisteredModel> WatchAsync(string? model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = model is null ? $"*.{Latest}" : $"{Level(model)}.{Latest}";
        await foreach (var entry in _stores.WatchAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            if (NumberOf(entry) is not { } number) { continue; }
            var key = $"{entry.Key[..^Latest.Length]}v{number.ToString(CultureInfo.InvariantCulture)}";
            var there = await RegistryStores.PersistAsync(() => _stores.ReadAsync(key, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            if (there is { Value: not null }) { yield return Read(there.Value); }
        }
    }

    private static void Require(ModelLineage lineage)
    {
        NatsText.Require(lineage.Format, nameof(lineage));
        foreach (var contributor in lineage.Contributors) { NatsText.Require(contributor, nameof(lineage)); }
        foreach (var (name, value) in lineage.Metrics)
        {
            NatsText.Require(name, nameof(lineage));
            if (!double.IsFinite(value)) { throw new ArgumentException($"expected finite metrics, '{name}' is {value}", nameof(lineage)); }
        }
    }

    private static string ObjectOf(RegisteredModel version) =>
        FormattableString.Invariant($"{version.Model}/{version.Version}/{version.Sha256}");

    private static string Filter(string? model) => model is null ? "*.*" : $"{Level(model)}.*";

    private static bool IsVersion(RegistryEntry entry) =>
        entry.Value is not null && !entry.Key.EndsWith($".{Latest}", StringComparison.Ordinal);

    private static string KeyOf(string model, long version) => $"{Level(model)}.v{version.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>UTF-8 bytes except letters, digits, <c>-</c> and <c>_</c> become <c>=</c> and hexadecimal digits.</summary>
    private static string Level(string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        var text = new StringBuilder(model.Length);
        NatsText.Require(model);
        foreach (var value in Encoding.UTF8.GetBytes(model))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_') { text.Append((char)value); }
            else { text.Append(CultureInfo.InvariantCulture, $"={value:X2}"); }
        }

        return text.ToString();
    }

    private static RegisteredModel Read(RegistryEntry entry)
    {
        try
        {
            var version = JsonSerializer.Deserialize(entry.Value, RegistryJson.Default.RegisteredModel)
                ?? throw new JsonException("expected an object");
            return version.Model.Length > 0 && KeyOf(version.Model, version.Version) == entry.Key ? version
                : throw new JsonException("expected the model and the version of the key");
        }
        catch (JsonException e) { throw new InvalidDataException($"key '{entry.Key}': expected the description of a model version", e); }
    }

    private static byte[] NumberBytes(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static long? NumberOf(RegistryEntry? entry) =>
        entry is { Value: { } value } && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    private Task<RegistryEntry?> LatestEntryAsync(string model, CancellationToken cancellationToken) =>
        _stores.ReadAsync($"{Level(model)}.{Latest}", cancellationToken);

    private static long HighestOf(IEnumerable<string> keys)
    {
        var highest = -1L;
        foreach (var key in keys)
        {
            var text = key.AsSpan(key.LastIndexOf('.') + 1);
            if (text is ['v', .. var digits] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                highest = Math.Max(highest, number);
            }
        }

        return highest;
    }

    private async Task<long> NextAsync(string model, CancellationToken cancellationToken) =>
        HighestOf(await _stores.KeysAsync(Filter(model), cancellationToken).ConfigureAwait(false)) + 1;

    private async Task RaiseLatestAsync(string model, long version, CancellationToken cancellationToken)
    {
        // of concurrent versions the highest wins, in any order
        if (await NextAsync(model, cancellationToken).ConfigureAwait(false) > version + 1) { return; }
        await MoveLatestAsync(model, version, onlyUp: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary><paramref name="onlyUp"/>: true: not if a higher version is the latest.</summary>
    private async Task<bool> MoveLatestAsync(string model, long version, bool onlyUp, CancellationToken cancellationToken)
    {
        var key = $"{Level(model)}.{Latest}";
        for (var tries = 0; tries < Tries; tries++)
        {
            var latest = await LatestEntryAsync(model, cancellationToken).ConfigureAwait(false);
            if (onlyUp && NumberOf(latest) >= version) { return true; }
            if (await PinnedAsync(model, cancellationToken).ConfigureAwait(false) is not null) { return false; }
            if (await _stores.TryWriteAsync(key, NumberBytes(version), latest?.Revision ?? 0, cancellationToken).ConfigureAwait(false)
                is not null)
            {
                return true;
            }
        }

        throw new TransportException($"model '{model}': gave up, because others set the latest version at the same "
            + $"time", isTransient: true);
    }

    private async Task RequireAsync(string model, long version, CancellationToken cancellationToken)
    {
        if (await GetAsync(model, version, cancellationToken).ConfigureAwait(false) is not null) { return; }
        throw new InvalidOperationException($"model '{model}' has no version {version}");
    }
}
