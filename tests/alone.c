/* Linked with all of one module and with what that module names, and nothing else: a module that
 * needs more than it says does not link. */
int main(void)
{
    return 0;
}
