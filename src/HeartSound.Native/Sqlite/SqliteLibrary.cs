using System.Reflection;
using System.Runtime.InteropServices;

namespace HeartSound.Native.Sqlite;

/// <summary>Gives a managed binding of SQLite the library of the device's own distribution, with its fixes, in place of one of its own.</summary>
public static class SqliteLibrary
{
    /// <param name="binding">The assembly whose imports to serve.</param>
    /// <param name="importName">The name that it imports SQLite by.</param>
    public static void Serve(Assembly binding, string importName)
    {
        ArgumentNullException.ThrowIfNull(binding);
        NativeLibrary.SetDllImportResolver(binding, (name, assembly, searchPath) => name == importName ? Libraries.Resolve(Libraries.Sqlite, assembly, searchPath) : 0);
    }
}
