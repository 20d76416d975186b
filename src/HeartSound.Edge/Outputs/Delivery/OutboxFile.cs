using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HeartSound.Native.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HeartSound.Edge.Outputs.Delivery;

/// <summary>
/// The SQLite file in which verdicts wait: write-ahead log, every commit synchronised to the disk, locked for this program alone. Not thread-safe. Every method may throw
/// <see cref="SqliteException"/>.
/// </summary>
internal sealed class OutboxFile : IDisposable
{
    public const string Name = "outbox.db";

    /// <summary>What marks the file as ours (<c>PRAGMA application_id</c>): "HSob".</summary>
    private const int ApplicationId = 0x48536f62;

    /// <summary>What makes a file of version n of one of version n − 1 (<c>PRAGMA user_version</c>). Only ever appended to.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE numbering (series TEXT NOT NULL, last INTEGER NOT NULL);
        CREATE TABLE verdict (position INTEGER PRIMARY KEY, json BLOB NOT NULL);
        """,
        // Age is counted in seconds that the device has run with this file, so that no clock that is set makes a verdict too old.
        """
        ALTER TABLE numbering ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE numbering ADD COLUMN lived REAL NOT NULL DEFAULT 0;
        ALTER TABLE verdict ADD COLUMN lived REAL NOT NULL DEFAULT 0;
        """,
        // SQLite has no checksums: a bit that a worn-out card turns in a row is found by nobody else, and would make another verdict of it.
        "ALTER TABLE verdict ADD COLUMN hash BLOB;",
        // The same in the numbers: some would be given twice, or every verdict be too old.
        "ALTER TABLE numbering ADD COLUMN hash BLOB;",
    ];

    /// <summary>Rows looked for one by one where a file is damaged: more than any outbox holds by default.</summary>
    private const long MostRowsTried = 100_000;

    // Once a process. Not a static constructor, which would hide a missing library behind a TypeInitializationException.
    private static readonly Lazy<ISQLite3Provider> Provider = new(() =>
    {
        SqliteLibrary.Serve(typeof(SQLite3Provider_e_sqlite3).Assembly, "e_sqlite3");
        var provider = new SQLite3Provider_e_sqlite3();
        raw.SetProvider(provider);
        return provider;
    });

    private readonly SqliteConnection _connection;

    private OutboxFile(string path, SqliteOpenMode mode = SqliteOpenMode.ReadWriteCreate)
    {
        _ = Provider.Value;
        var source = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 1 };
        _connection = new SqliteConnection(source.ToString());
    }

    /// <summary>Opens or makes the file, and brings an older one up to date.</summary>
    /// <exception cref="OutboxFileException">It is damaged, or of a newer program.</exception>
    /// <exception cref="SqliteException">It cannot be had now: locked, not writable, no room.</exception>
    public static OutboxFile Open(string path)
    {
        var file = new OutboxFile(path);
        try
        {
            file._connection.Open();
            file.Prepare();
            _ = file.ReadNumbering();
            return file;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_ERROR)
        {
            file.Dispose();
            throw new OutboxFileException(e.Message, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What a file that is damaged or of a newer program still gives, by position: every verdict that can be read and is what was written. Leaves the file as it is.</summary>
    public static SortedDictionary<long, byte[]> Salvage(string path)
    {
        var found = new SortedDictionary<long, byte[]?>();
        try
        {
            using var file = new OutboxFile(path, SqliteOpenMode.ReadWrite);
            file._connection.Open();

            // From both ends up to where it is damaged, then row by row what lies between.
            file.SalvageRows("SELECT position, json, hash FROM verdict ORDER BY position", found);
            var last = found.Count > 0 ? found.Keys.Max() : 0;
            file.SalvageRows("SELECT position, json, hash FROM verdict ORDER BY position DESC", found);
            var next = found.Keys.Where(p => p > last).DefaultIfEmpty(last).Min();
            for (var position = last + 1; position < Math.Min(next, last + MostRowsTried); position++)
                file.SalvageRows("SELECT position, json, hash FROM verdict WHERE position = $position", found, ("$position", position));
        }
        catch (SqliteException)
        {
            // It cannot even be opened.
        }

        var sound = new SortedDictionary<long, byte[]>();
        foreach (var (position, json) in found)
            if (json is not null) sound[position] = json;
        return sound;
    }

    /// <summary>Where the numbers stand, verdicts dropped since the series began, and seconds that the device has run with this file; null in a new one.</summary>
    /// <exception cref="OutboxFileException">It is not what was written.</exception>
    public (Numbering Numbering, long Dropped, double Lived)? ReadNumbering()
    {
        using var command = Command("SELECT series, last, dropped, lived, hash FROM numbering");
        using var rows = command.ExecuteReader();
        if (!rows.Read()) return null;
        try
        {
            var numbering = new Numbering(Guid.Parse(rows.GetString(0), CultureInfo.InvariantCulture), rows.GetInt64(1));
            var (dropped, lived) = (rows.GetInt64(2), rows.GetDouble(3));
            var isSound = rows[4] is not byte[] hash || hash.AsSpan().SequenceEqual(Hash(numbering, dropped, lived));
            return isSound ? (numbering, dropped, lived) : throw new OutboxFileException("its numbers are not what was written");
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            throw new OutboxFileException($"its numbers cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What waits, without reading it.</summary>
    public IEnumerable<(long Position, int Bytes, double Lived)> Index()
    {
        using var command = Command("SELECT position, length(json), lived FROM verdict ORDER BY position");
        using var rows = command.ExecuteReader();
        while (rows.Read()) yield return (rows.GetInt64(0), rows.GetInt32(1), rows.GetDouble(2));
    }

    /// <summary>Null when it is not there, or not what was written.</summary>
    public byte[]? Read(long position)
    {
        using var command = Command("SELECT json, hash FROM verdict WHERE position = $position", ("$position", position));
        using var rows = command.ExecuteReader();
        return rows.Read() ? Sound(rows) : null;
    }

    /// <summary>Writes all of it, or nothing: on disk when this returns.</summary>
    public void Write(Numbering numbering, long dropped, double lived, IReadOnlyCollection<(long Position, byte[] Json, double Lived)> added, IReadOnlyCollection<long> removed)
    {
        using var transaction = _connection.BeginTransaction();
        foreach (var position in removed) Execute("DELETE FROM verdict WHERE position = $position", ("$position", position));
        foreach (var (position, json, since) in added)
            Execute("INSERT OR REPLACE INTO verdict (position, json, lived, hash) VALUES ($position, $json, $lived, $hash)", ("$position", position), ("$json", json), ("$lived", since), ("$hash", Hash(json)));
        var what = new (string, object)[] { ("$series", numbering.Series.ToString()), ("$last", numbering.Last), ("$dropped", dropped), ("$lived", lived), ("$hash", Hash(numbering, dropped, lived)) };
        if (Execute("UPDATE numbering SET series = $series, last = $last, dropped = $dropped, lived = $lived, hash = $hash", what) == 0)
            Execute("INSERT INTO numbering (series, last, dropped, lived, hash) VALUES ($series, $last, $dropped, $lived, $hash)", what);
        transaction.Commit();
    }

    public void Dispose() => _connection.Dispose();

    private static byte[] Hash(Numbering numbering, long dropped, double lived) => Hash(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{numbering.Series} {numbering.Last} {dropped} {lived:R}")));

    private static byte[] Hash(byte[] json) => SHA256.HashData(json)[..16];

    /// <summary>The verdict of a row if it is what was written. A row of before there were hashes must at least be a verdict.</summary>
    private static byte[]? Sound(SqliteDataReader row, int first = 0) =>
        row[first] is byte[] json && (row[first + 1] is byte[] hash ? hash.AsSpan().SequenceEqual(Hash(json)) : StoredJson.IsVerdict(json)) ? json : null;

    private void Prepare()
    {
        // Exclusive first: the write-ahead log then needs no shared memory, and nobody else gets in. 256 KiB of cache are plenty for rows of 2 KB.
        Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -256");
        if (Scalar("PRAGMA quick_check(1)") is not "ok") throw new SqliteException("it is damaged", raw.SQLITE_CORRUPT);
        var version = (long)Scalar("PRAGMA user_version")!;
        if (version > Migrations.Length || (version > 0 && (long)Scalar("PRAGMA application_id")! != ApplicationId))
            throw new OutboxFileException(FormattableString.Invariant($"it is of version {version}, and this program knows {Migrations.Length}"));
        for (; version < Migrations.Length; version++)
            Execute(FormattableString.Invariant($"BEGIN IMMEDIATE; {Migrations[version]} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version + 1}; COMMIT"));
        Execute("BEGIN IMMEDIATE; COMMIT"); // whether it is ours to write is known now
    }

    private void SalvageRows(string sql, SortedDictionary<long, byte[]?> found, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        try
        {
            using var command = Command(sql, parameters);
            using var rows = command.ExecuteReader();
            while (rows.Read()) found[rows.GetInt64(0)] = Sound(rows, 1);
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException or FormatException)
        {
            // That is as far as it can be read.
        }
    }

    private object? Scalar(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteScalar();
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this file; what comes from outside is a parameter.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
